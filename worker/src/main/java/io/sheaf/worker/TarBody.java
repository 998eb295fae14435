package io.sheaf.worker;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequestDecoder;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request that is a tar stream. While it lasts, this stands in the place of the
 * decoder of requests, and passes on what is read as it is, without an object for each chunk: tar
 * writes 10 KiB at a time.
 */
final class TarBody extends ChannelInboundHandlerAdapter implements BodySink {
  /** Who brings less at a time is given time to bring more: each look at the socket costs. */
  private static final int LITTLE = 48 << 10;

  /** In less than a millisecond tar fills a socket, and would have to wait. */
  private static final long GATHER_NANOS = 250_000;

  private final BodyPipe pipe;
  private final Exchange exchange;
  private final BodyDecoder decoder;
  private @Nullable HttpDoor door;
  private @Nullable Connection connection;
  private int read;
  private boolean dead;

  TarBody(BodyPipe pipe, Exchange exchange) {
    this.pipe = pipe;
    this.exchange = exchange;
    this.decoder =
        exchange.length < 0 ? BodyDecoder.chunked() : BodyDecoder.ofLength(exchange.length);
  }

  /** Takes the place of the decoder, and what it has read of the body already. */
  void takeOver(HttpDoor from, Connection of, Channel channel) {
    if (exchange.length == 0) {
      return; // The decoder has seen the end.
    }
    door = from;
    connection = of;
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addBefore(pipeline.context(of).name(), null, this);
    pipeline.remove(HttpRequestDecoder.class);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    Connection of = connection;
    HttpDoor by = door;
    if (dead || of == null || by == null) {
      in.release();
      return;
    }
    exchange.expectsContinue &= !in.isReadable();
    read += in.readableBytes();
    int start = in.readerIndex();
    int length = decoder.decode(in);
    exchange.received += length;
    ByteBuf rest = in.isReadable() ? in.readRetainedSlice(in.readableBytes()) : null;
    offer(in.setIndex(start, start + length));
    String problem = decoder.problem();
    if (problem != null) {
      release(rest);
      of.bodyBroken(exchange, problem);
    } else if (decoder.isEnded()) {
      end(ctx.pipeline(), by, of, rest);
    }
  }

  private static void release(@Nullable ByteBuf rest) {
    if (rest != null) {
      rest.release();
    }
  }

  /** Gives the connection back to the decoder, with what follows the body. */
  private void end(ChannelPipeline pipeline, HttpDoor by, Connection of, @Nullable ByteBuf rest) {
    dead = true;
    of.bodyComplete(exchange);
    complete();
    pipeline.addFirst(by.newDecoder());
    pipeline.remove(this);
    if (rest != null) {
      pipeline.fireChannelRead(rest);
    }
  }

  /** Nothing was submitted here, and what the stream has submitted is written by its own thread. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    Connection of = connection;
    if (dead || of == null) {
      ctx.fireChannelReadComplete();
    } else {
      of.bodyRead();
      if (read < LITTLE) {
        of.gather(GATHER_NANOS);
      }
      read = 0;
    }
  }

  @Override
  public void offer(ByteBuf piece) {
    if (piece.isReadable()) {
      pipe.offer(piece);
    } else {
      piece.release();
    }
  }

  @Override
  public void complete() {
    pipe.complete();
  }

  @Override
  public void abort() {
    dead = true;
    pipe.abort();
  }

  @Override
  public long queued() {
    return pipe.queued();
  }

  @Override
  public boolean isBehind(long limit) {
    return pipe.isBehind(limit);
  }

  @Override
  public boolean isFailed() {
    return pipe.isFailed();
  }
}
