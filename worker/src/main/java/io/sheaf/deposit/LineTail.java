package io.sheaf.deposit;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What came after the last line feed, so that a log can be cut there: those bytes then begin the
 * next segment. Kept up to 64 KiB, and while all logs together keep less than they may.
 */
final class LineTail {
  static final int LONGEST = 64 << 10;

  private static final byte[] NOTHING = {};

  private final AtomicLong total;
  private final long limit;
  private byte[] bytes = NOTHING;
  private int length;
  private boolean known;

  /**
   * @param total bytes that all of these keep
   */
  LineTail(AtomicLong total, long limit) {
    this.total = total;
    this.limit = limit;
  }

  /** Looks at what is appended; its position stays. */
  void track(ByteBuffer piece) {
    int from = piece.position();
    int first = Math.max(from, piece.limit() - LONGEST);
    int at = piece.limit() - 1;
    while (at >= first && piece.get(at) != '\n') {
      at--;
    }
    if (at >= first) {
      length = 0;
      known = true;
      from = at + 1;
    } else if (first > from) {
      known = false;
    }
    add(piece, from, piece.limit() - from);
  }

  private void add(ByteBuffer piece, int from, int n) {
    if (!known || length + n > LONGEST || !hasRoom(length + n)) {
      forget();
      return;
    }
    piece.get(from, bytes, length, n);
    length += n;
  }

  private boolean hasRoom(int needed) {
    if (needed > bytes.length) {
      int size = Math.max(needed, Math.min(LONGEST, Math.max(64, 2 * bytes.length)));
      if (total.addAndGet(size - bytes.length) > limit) {
        total.addAndGet(bytes.length - size);
        return false;
      }
      bytes = Arrays.copyOf(bytes, size);
    }
    return true;
  }

  /** The bytes; none when no line feed was among the last 64 KiB. */
  ByteBuffer bytes() {
    return known ? ByteBuffer.wrap(bytes, 0, length) : ByteBuffer.allocate(0);
  }

  /** From here on there is none, and no memory is held. */
  void forget() {
    total.addAndGet(-bytes.length);
    bytes = NOTHING;
    length = 0;
    known = false;
  }
}
