package io.sheaf.deposit;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What of a log is not known to be safe, by its offsets in the log. Bytes stay as they are once
 * they were put, so slices may be read by another thread. Not thread-safe in itself.
 */
final class AppendWindow {
  static final int PIECE = 64 << 10;

  private final long limit;

  /** At most some hundred, so that removing the first one costs nothing to speak of. */
  private final List<byte[]> blocks = new ArrayList<>();

  /** Offset of the first block. */
  private long first;

  private long lineStart;
  private long base;
  private long end;

  /**
   * @param limit bytes that it may hold
   */
  AppendWindow(long limit) {
    this.limit = limit;
  }

  /** Up to where the log is safe. */
  long base() {
    return base;
  }

  /** Up to where it was written. */
  long end() {
    return end;
  }

  boolean isEmpty() {
    return base == end;
  }

  boolean hasRoom(int bytes) {
    return isEmpty() || end - base + bytes <= limit;
  }

  void put(byte[] from, int offset, int length) {
    int done = 0;
    while (done < length) {
      int at = (int) ((end - first) % PIECE);
      if (end - first == (long) blocks.size() * PIECE) {
        blocks.add(new byte[PIECE]);
      }
      int n = Math.min(PIECE - at, length - done);
      System.arraycopy(from, offset + done, blocks.get(blocks.size() - 1), at, n);
      done += n;
      end += n;
    }
  }

  /**
   * The beginning of the line in which {@link #base} is, if that is no more than {@link #PIECE}
   * before it; else the base.
   */
  long lineStart() {
    return lineStart;
  }

  /** Forgets what is before an offset, up to the beginning of its line. */
  void drop(long upTo) {
    base = Math.max(base, Math.min(upTo, end));
    long least = Math.max(lineStart, base - PIECE);
    long at = base;
    while (at > least && byteAt(at - 1) != '\n') {
      at--;
    }
    boolean found = at > least || at == lineStart;
    lineStart = found ? at : base;
    while (lineStart - first >= PIECE) {
      blocks.remove(0);
      first += PIECE;
    }
  }

  private byte byteAt(long offset) {
    return blocks.get((int) ((offset - first) / PIECE))[(int) ((offset - first) % PIECE)];
  }

  /** What there is from an offset on, up to {@link #PIECE}. */
  ByteBuffer slice(long from) {
    byte[] block = blocks.get((int) ((from - first) / PIECE));
    int at = (int) ((from - first) % PIECE);
    return ByteBuffer.wrap(block, at, (int) Math.min(PIECE - at, end - from));
  }

  byte[] bytes() {
    ByteBuffer all = ByteBuffer.allocate((int) (end - base));
    for (long at = base; at < end; at = base + all.position()) {
      all.put(slice(at));
    }
    return all.array();
  }
}
