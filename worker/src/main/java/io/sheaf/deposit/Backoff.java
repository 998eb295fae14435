package io.sheaf.deposit;

import java.time.Duration;

/** Growing pauses between tries, up to an end. Another thread may cut them short for good. */
final class Backoff {
  private static final long FIRST_MILLIS = 20;
  private static final long LAST_MILLIS = 1_000;

  private final long end;
  private long millis = FIRST_MILLIS;

  Backoff(Duration time) {
    this.end = System.nanoTime() + time.toNanos();
  }

  /** Waits for the next try; false when time is up, or the thread was interrupted and stays so. */
  boolean awaitNext(CancelFlag cancelled) {
    if (System.nanoTime() >= end || cancelled.await(millis)) {
      return false;
    }
    millis = Math.min(2 * millis, LAST_MILLIS);
    return true;
  }

  /** Says once that nothing is to be waited for any more. */
  static final class CancelFlag {
    private boolean set;

    synchronized void set() {
      set = true;
      notifyAll();
    }

    synchronized boolean isSet() {
      return set;
    }

    /** Whether it was set within that time, or the thread was interrupted. */
    private synchronized boolean await(long millis) {
      boolean inTime = Waiting.until(this, () -> set, Duration.ofMillis(millis));
      return inTime || Thread.currentThread().isInterrupted();
    }
  }
}
