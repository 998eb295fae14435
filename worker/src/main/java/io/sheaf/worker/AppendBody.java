package io.sheaf.worker;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.unix.FileDescriptor;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.LogStream;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request that appends. While it lasts, this stands in the place of the decoder of
 * requests, and passes what is read to the log at once.
 */
final class AppendBody extends ChannelInboundHandlerAdapter implements LogStream.Listener {
  /** The client is told no more often how much is safe. */
  private static final long TELL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Where thousands append, each is told less often: so many more nanoseconds for each. */
  private static final long TELL_NANOS_EACH = TimeUnit.MICROSECONDS.toNanos(100);

  private final HttpDoor door;
  private final Connection connection;
  private final Channel channel;
  private final Exchange exchange;
  private final BodyDecoder decoder;
  private final AtomicBoolean telling = new AtomicBoolean();
  private final Runnable tellTask = this::tell;
  private @Nullable LogStream stream;
  private volatile @Nullable LogPipe pipe;
  private volatile long tellAt = System.nanoTime();
  private long told;
  private boolean dead;

  AppendBody(HttpDoor door, Connection connection, Channel channel, Exchange exchange) {
    this.door = door;
    this.connection = connection;
    this.channel = channel;
    this.exchange = exchange;
    this.decoder =
        exchange.length < 0 ? BodyDecoder.chunked() : BodyDecoder.ofLength(exchange.length);
  }

  /**
   * Gives the client a pipe to write the log to, if one can be had: to write to that costs a third
   * of what a socket costs, and wakes nobody.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // Failures of a channel close it.
  boolean offerPipe(LogStream log) {
    LogPipe offered = door.pipeFor(log, this, connection::close);
    if (offered == null) {
      return false;
    }
    pipe = offered;
    exchange.expectsContinue = false;
    ByteBuf out = channel.alloc().directBuffer(64);
    Responses.pipe(out);
    channel.write(out, channel.voidPromise());
    FileDescriptor sink = new FileDescriptor(offered.pipe().sinkDescriptor());
    channel.writeAndFlush(sink).addListener(sent -> offered.pipe().closeSink());
    return true;
  }

  /** Does something when all that the client has written is in the log. */
  private void afterPipe(Runnable then) {
    LogPipe written = pipe;
    if (written == null) {
      then.run();
    } else {
      written.finish(then);
    }
  }

  /** Takes the place of the decoder, and what it has read of the body already. */
  void takeOver(LogStream log) {
    stream = log;
    told = log.safe();
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addBefore(pipeline.context(connection).name(), null, this);
    pipeline.remove(HttpRequestDecoder.class);
    // What the decoder had left has come by now, and may have been all.
    if (!dead && decoder.isEnded()) {
      complete(log, null);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      LogStream log = stream;
      if (log != null && !dead) {
        exchange.expectsContinue = false;
        append(log, in);
      }
    } finally {
      in.release();
    }
  }

  /** A log that has failed ends only now: until then the client reads why, and may write. */
  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ctx.fireChannelInactive();
    afterPipe(() -> {});
  }

  private void append(LogStream log, ByteBuf in) {
    int start = in.readerIndex();
    int length = decoder.decode(in);
    exchange.received += length;
    if (length > 0) {
      log.append(this, in.nioBuffer(start, length));
    }
    String problem = decoder.problem();
    if (problem != null) {
      dead = true;
      exchange.offset = log.safe();
      connection.refuseBody(exchange, new DepositException(Kind.REFUSED, problem));
      afterPipe(() -> log.end(this));
    } else if (decoder.isEnded()) {
      complete(log, in);
    } else {
      connection.bodyRead();
    }
  }

  /** Gives the connection back to the decoder, with what follows the body. */
  private void complete(LogStream log, @Nullable ByteBuf rest) {
    dead = true;
    connection.bodyComplete(exchange);
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addFirst(door.newDecoder());
    pipeline.remove(this);
    afterPipe(() -> log.end(this));
    if (rest != null && rest.isReadable()) {
      pipeline.fireChannelRead(rest.readRetainedSlice(rest.readableBytes()));
    }
  }

  /** The connection is gone, or its other requests have ended it. */
  void cutOff() {
    dead = true;
    LogStream log = stream;
    if (log != null) {
      afterPipe(() -> log.lost(this));
    }
  }

  boolean isBehind(long limit) {
    LogStream log = stream;
    return log != null && log.isBehind(limit);
  }

  @Override
  public void relieved() {
    LogPipe held = pipe;
    if (held != null) {
      held.resume();
    }
    connection.uploadRelieved();
  }

  @Override
  public void replaced() {
    connection.close();
  }

  @Override
  public synchronized void ended(@Nullable DepositException failure) {
    LogStream log = stream;
    if (!exchange.isDone() && log != null) {
      exchange.offset = log.safe();
      exchange.entries = log.entries();
      exchange.done(failure);
    }
    connection.wake();
  }

  @Override
  public void progress() {
    if (telling.compareAndSet(false, true)) {
      try {
        long delay = Math.max(0, tellAt - System.nanoTime());
        var unused = channel.eventLoop().schedule(tellTask, delay, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        // The door has closed for good: nobody waits for it.
      }
    }
  }

  private void tell() {
    telling.set(false);
    LogStream log = stream;
    if (log == null || exchange.isDone() || !channel.isActive()) {
      return;
    }
    long safe = log.safe();
    if (safe > told) {
      long each = TELL_NANOS_EACH * door.appends();
      tellAt = System.nanoTime() + TELL_NANOS + each;
      if (connection.tell(exchange, safe, log.entries())) {
        told = safe;
      } else {
        progress();
      }
    }
  }
}
