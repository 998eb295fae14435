package io.sheaf.deposit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * A stream that is read in large blocks. What is taken is a part of a block, not a copy, and stays
 * as it is until more is asked for, or for as long as somebody holds the block.
 */
final class TarBlocks extends InputStream {
  /** Who reads so much at once gets it without a block in between. */
  private static final int DIRECT = 4 << 10;

  private final InputStream in;
  private final SpareBlocks spare;
  private TarBlock held;
  private byte[] block;
  private int at;
  private int end;
  private long passed;

  TarBlocks(InputStream in, SpareBlocks spare) {
    this.in = in;
    this.spare = spare;
    this.held = spare.take().hold();
    this.block = held.bytes;
  }

  /** In which that is what was taken last. */
  TarBlock block() {
    return held;
  }

  /** Bytes that were taken, read or skipped so far. */
  long position() {
    return passed;
  }

  /** The next bytes, in one piece; fewer than asked for where the stream ends. */
  ByteBuffer take(int bytes) throws IOException {
    if (block.length - at < bytes) {
      moveOn(bytes);
    }
    while (end - at < bytes && fill() > 0) {
      // Goes on until there are enough.
    }
    int n = Math.min(bytes, end - at);
    ByteBuffer taken = ByteBuffer.wrap(block, at, n);
    at += n;
    passed += n;
    return taken;
  }

  /** Gives back what was taken last. */
  void giveBack(ByteBuffer taken) {
    at -= taken.remaining();
    passed -= taken.remaining();
  }

  private void moveOn(int bytes) {
    TarBlock next = bytes <= TarBlock.BYTES ? spare.take() : new TarBlock(new byte[bytes], null);
    System.arraycopy(block, at, next.bytes, 0, end - at);
    end -= at;
    at = 0;
    held.letGo();
    held = next.hold();
    block = next.bytes;
  }

  private int fill() throws IOException {
    int n = in.read(block, end, block.length - end);
    end += Math.max(0, n);
    return n;
  }

  /** Skips so many bytes; false where the stream ends before. */
  boolean pass(long bytes) throws IOException {
    int n = (int) Math.min(bytes, end - at);
    at += n;
    passed += n;
    byte[] skipped = new byte[(int) Math.min(bytes - n, DIRECT)];
    for (long left = bytes - n; left > 0; ) {
      int read = read(skipped, 0, (int) Math.min(left, skipped.length));
      if (read < 0) {
        return false;
      }
      left -= read;
    }
    return true;
  }

  @Override
  public int read() throws IOException {
    ByteBuffer one = take(1);
    return one.hasRemaining() ? one.get() & 0xFF : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (at == end && length >= DIRECT) {
      int n = in.read(target, offset, length);
      passed += Math.max(0, n);
      return n;
    }
    if (at == end && length > 0 && !more()) {
      return -1;
    }
    int n = Math.min(length, end - at);
    System.arraycopy(block, at, target, offset, n);
    at += n;
    passed += n;
    return n;
  }

  private boolean more() throws IOException {
    if (end == block.length) {
      moveOn(1);
    }
    return fill() > 0;
  }

  /** Lets go of the last block; nothing can be read any more. The stream stays open. */
  @Override
  public void close() {
    held.letGo();
  }
}
