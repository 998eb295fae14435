package io.sheaf.worker;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of an answer, sent piece by piece: the next is read when the one before was taken, so a
 * client that does not read holds one piece, and no thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // its listener is told
final class Outgoing {
  private static final Logger log = LoggerFactory.getLogger(Outgoing.class);
  private static final int PIECE = 256 << 10;

  private final InputStream in;
  private final long size;
  private final WaitingThreads threads;
  private long left;

  Outgoing(InputStream in, long size, WaitingThreads threads) {
    this.in = in;
    this.size = size;
    this.left = size;
    this.threads = threads;
  }

  long size() {
    return size;
  }

  /**
   * Begins.
   *
   * @param ended told whether all was sent, from any thread, after the stream was closed
   */
  void start(Channel channel, Consumer<Boolean> ended) {
    threads.execute(() -> sendNext(channel, ended));
  }

  private void sendNext(Channel channel, Consumer<Boolean> ended) {
    if (left == 0) {
      end(ended, true);
      return;
    }
    ByteBuf piece = channel.alloc().directBuffer((int) Math.min(PIECE, left));
    try {
      byte[] bytes = in.readNBytes((int) Math.min(PIECE, left));
      if (bytes.length == 0) {
        throw new IOException("the entry is shorter than it says");
      }
      left -= bytes.length;
      piece.writeBytes(bytes);
    } catch (IOException | RuntimeException e) {
      log.warn("an entry could not be sent as a whole: {}", e.toString());
      piece.release();
      end(ended, false);
      return;
    }
    channel.writeAndFlush(piece).addListener(sent -> sent((ChannelFuture) sent, channel, ended));
  }

  private void sent(ChannelFuture sent, Channel channel, Consumer<Boolean> ended) {
    if (sent.isSuccess()) {
      start(channel, ended);
    } else {
      end(ended, false);
    }
  }

  private void end(Consumer<Boolean> ended, boolean complete) {
    close();
    ended.accept(complete);
  }

  void close() {
    try {
      in.close();
    } catch (IOException e) {
      log.debug("while closing an entry: {}", e.toString());
    }
  }
}
