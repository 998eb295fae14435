package io.sheaf.load;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** When the next deposit is due: at an even rate, and later while the worker refuses them. */
final class Pace {
  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long LAST_PAUSE_MILLIS = 4_000;

  /** What was not sent meanwhile is not made up for at once. */
  private static final long BEHIND_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final long everyNanos;
  private final CountDownLatch stop;
  private long due = System.nanoTime();
  private volatile long pauseMillis;

  /**
   * @param rate deposits a second; 0 for no pause between them
   * @param stop ends each wait
   */
  Pace(double rate, CountDownLatch stop) {
    this.everyNanos = rate == 0 ? 0 : (long) (TimeUnit.SECONDS.toNanos(1) / rate);
    this.stop = stop;
  }

  /** Waits until the next is due; false when there is to be none. For one thread. */
  boolean awaitNext() throws InterruptedException {
    long now = System.nanoTime();
    due = Math.max(due + everyNanos, now - BEHIND_NANOS);
    long wait = Math.max(due - now, TimeUnit.MILLISECONDS.toNanos(pauseMillis));
    return !(wait > 0 ? stop.await(wait, TimeUnit.NANOSECONDS) : stop.getCount() == 0);
  }

  synchronized void refused() {
    pauseMillis = Math.min(LAST_PAUSE_MILLIS, Math.max(FIRST_PAUSE_MILLIS, 2 * pauseMillis));
  }

  void taken() {
    if (pauseMillis != 0) {
      reset();
    }
  }

  private synchronized void reset() {
    pauseMillis = 0;
  }
}
