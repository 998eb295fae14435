package io.sheaf.worker;

import java.time.Duration;

/** A time by which to have left. It may be set while others wait for what must be done before. */
final class Deadline {
  /** How soon those who wait see a new deadline. */
  private static final Duration SLICE = Duration.ofMillis(200);

  private volatile boolean set;
  private volatile long nanos;

  /** Something that can be waited for; false when the time was not enough. */
  interface Step {
    boolean await(Duration timeout) throws InterruptedException;
  }

  void in(Duration timeout) {
    nanos = System.nanoTime() + timeout.toNanos();
    set = true;
  }

  /** Waits until the step is done, without end while there is no deadline. */
  boolean await(Step step) throws InterruptedException {
    return await(step, Duration.ofDays(365));
  }

  boolean await(Step step, Duration most) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    while (true) {
      long left = end - System.nanoTime();
      if (set) {
        left = Math.min(left, nanos - System.nanoTime());
      }
      Duration slice = Duration.ofNanos(Math.max(0, Math.min(left, SLICE.toNanos())));
      if (step.await(slice)) {
        return true;
      }
      if (left <= 0) {
        return false;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException(); // No step waits any more: this would only spin.
      }
    }
  }
}
