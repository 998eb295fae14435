package io.sheaf.it;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition that other processes bring about. */
final class Eventually {
  private static final long LOOK_AGAIN_NANOS = 20_000_000;

  private Eventually() {}

  interface Condition {
    boolean holds() throws Exception;
  }

  /** Returns once the condition holds; fails with what was waited for when time runs out. */
  static void eventually(String what, Duration patience, Condition condition) throws Exception {
    long end = System.nanoTime() + patience.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("after " + patience + " still not: " + what);
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }
}
