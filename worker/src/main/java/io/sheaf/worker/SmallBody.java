package io.sheaf.worker;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;

/** A body that is looked at as a whole, once it is complete; what is too long is not kept. */
final class SmallBody implements BodySink {
  static final int MAX = 64 << 10;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Consumer<byte[]> whenComplete;
  private boolean ended;

  /**
   * @param whenComplete called on the event loop; must not wait
   */
  SmallBody(Consumer<byte[]> whenComplete) {
    this.whenComplete = whenComplete;
  }

  @Override
  public void offer(ByteBuf piece) {
    int n = piece.readableBytes();
    byte[] copy = new byte[bytes.size() + n <= MAX ? n : 0];
    piece.readBytes(copy);
    bytes.writeBytes(copy);
    piece.release();
  }

  @Override
  public void complete() {
    if (!ended) {
      ended = true;
      whenComplete.accept(bytes.toByteArray());
    }
  }

  @Override
  public void abort() {
    ended = true;
  }

  @Override
  public long queued() {
    return 0;
  }

  @Override
  public boolean isFailed() {
    return false;
  }
}
