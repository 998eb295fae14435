package io.sheaf.deposit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts what becomes of the members of a stream, and bounds how many bytes are on their way: few
 * where memory is short, since what is on its way will be written without any more of it. One
 * thread begins and waits; a member may end on any.
 */
final class TarTally {
  private static final long MOST_BYTES = 8 << 20;
  private static final int MOST_MEMBERS = 8_192;

  /** The answer must not grow with the stream. */
  private static final int MOST_LINES = 1_000;

  /** A member in {@link #underWay}; its bytes are below. */
  private static final long MEMBER = 1L << 40;

  private final MemoryBudget memory;
  private final LongAdder taken = new LongAdder();
  private final List<String> refused = new ArrayList<>();

  /** Members and bytes in one number, so that a member ends with one operation. */
  private final AtomicLong underWay = new AtomicLong();

  private volatile boolean waiting;
  private volatile @Nullable DepositException failure;
  private long refusals;

  TarTally(MemoryBudget memory) {
    this.memory = memory;
  }

  /** Whether another member of that size may begin without waiting. */
  boolean hasRoom(long size) {
    long now = underWay.get();
    if (now < MEMBER) {
      return true;
    }
    return !memory.isOver() && now / MEMBER < MOST_MEMBERS && now % MEMBER + size <= MOST_BYTES;
  }

  /**
   * Waits until a member of that size may begin; what has begun must be on its way.
   *
   * @param block that its contents are in, which is held until they are not needed any more; null
   *     when they stand alone
   */
  Receipt begin(String name, long size, @Nullable TarBlock block) {
    if (!hasRoom(size)) {
      await(() -> hasRoom(size));
    }
    underWay.addAndGet(MEMBER + size);
    TarBlock held = block == null ? null : block.hold();
    return reason -> done(name, size, held, reason);
  }

  private void done(
      String name, long size, @Nullable TarBlock block, @Nullable DepositException reason) {
    if (reason == null) {
      taken.increment();
    } else {
      fail(name, reason);
    }
    if (block != null) {
      block.letGo();
    }
    long left = underWay.addAndGet(-MEMBER - size);
    // Who waits has said so before it looked, so it sees what is left or is seen here.
    if (waiting && isLow(left)) {
      wake();
    }
  }

  /** Woken for each that ends, who waits would begin one at a time. */
  private static boolean isLow(long left) {
    return left / MEMBER <= MOST_MEMBERS / 2 && left % MEMBER <= MOST_BYTES / 2;
  }

  private synchronized void wake() {
    notifyAll();
  }

  /** What was submitted will be answered, so an interrupt ends no wait. */
  private synchronized void await(BooleanSupplier enough) {
    boolean interrupted = false;
    waiting = true;
    while (!enough.getAsBoolean()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    waiting = false;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  void taken() {
    taken.increment();
  }

  /** A member that was not taken; unless that is for what it is, nothing after it is either. */
  synchronized void fail(String name, DepositException reason) {
    switch (reason.kind()) {
      case REFUSED, CONFLICT, TOO_LARGE -> refuse(name, Failures.oneLine(reason));
      default -> stop(reason);
    }
  }

  synchronized void refuse(String name, String why) {
    refusals++;
    if (refused.size() < MOST_LINES) {
      refused.add(name.replaceAll("\\p{Cntrl}", "?") + ": " + why);
    }
  }

  synchronized void stop(DepositException reason) {
    if (failure == null) {
      failure = reason;
    }
  }

  boolean goesOn() {
    return failure == null;
  }

  TarResult awaitResult() {
    await(() -> underWay.get() == 0);
    synchronized (this) {
      return new TarResult(taken.sum(), List.copyOf(refused), refusals, failure);
    }
  }
}
