package io.sheaf.deposit;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes of contents that are in memory, and wakes those who stopped reading because
 * there were too many. It never refuses: who reads looks at {@link #isOver} between two reads, so
 * the limit is passed by no more than one read of each reader.
 */
public final class MemoryBudget {
  private final long limit;
  private final AtomicLong used = new AtomicLong();
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

  public MemoryBudget(long limit) {
    this.limit = limit;
  }

  long limit() {
    return limit;
  }

  public void charge(long bytes) {
    used.addAndGet(bytes);
  }

  public void release(long bytes) {
    long now = used.addAndGet(-bytes);
    if (now < resumeBelow() && !waiting.isEmpty()) {
      wakeAll();
    }
  }

  public boolean isOver() {
    return used.get() >= limit;
  }

  public long used() {
    return used.get();
  }

  /** Runs the action once, soon after use has fallen well below the limit; perhaps at once. */
  public void whenRelieved(Runnable action) {
    waiting.add(action);
    // The release that relieved it may have come before the action was there.
    if (used.get() < resumeBelow()) {
      wakeAll();
    }
  }

  private void wakeAll() {
    for (Runnable action = waiting.poll(); action != null; action = waiting.poll()) {
      action.run();
    }
  }

  private long resumeBelow() {
    return limit - limit / 4;
  }
}
