package io.sheaf.deposit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for what other threads do to an object. */
final class Waiting {
  private Waiting() {}

  /**
   * Waits until a condition holds that is guarded by the monitor, which the caller holds and whose
   * owners notify.
   *
   * @return false when the time was not enough, or the thread was interrupted, which it then stays
   */
  static boolean until(Object monitor, BooleanSupplier condition, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!condition.getAsBoolean()) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      try {
        monitor.wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }
}
