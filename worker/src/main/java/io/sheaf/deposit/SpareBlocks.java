package io.sheaf.deposit;

import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of tar streams that nobody holds, for the next streams: so a stream does not make garbage
 * as long as itself, which the collector would have to copy first. Where memory is short, or none
 * is taken for minutes, the collector has them.
 */
final class SpareBlocks {
  private static final int MOST = LinkWindow.BYTES / TarBlock.BYTES;

  private final Deque<SoftReference<TarBlock>> spare = new ArrayDeque<>();

  /** One that nobody holds. */
  TarBlock take() {
    TarBlock found = poll();
    return found == null ? new TarBlock(new byte[TarBlock.BYTES], this) : found;
  }

  private synchronized @Nullable TarBlock poll() {
    TarBlock found = null;
    while (found == null && !spare.isEmpty()) {
      found = spare.pop().get();
    }
    return found;
  }

  synchronized void give(TarBlock block) {
    if (spare.size() < MOST) {
      spare.push(new SoftReference<>(block));
    }
  }
}
