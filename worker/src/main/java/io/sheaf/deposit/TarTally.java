package io.sheaf.deposit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts what becomes of the members of a stream, and bounds how many bytes are on their way: few
 * where memory is short, since what is on its way will be written without any more of it.
 */
final class TarTally {
  private static final long MOST_BYTES = 8 << 20;
  private static final int MOST_MEMBERS = 8_192;

  /** The answer must not grow with the stream. */
  private static final int MOST_LINES = 1_000;

  private final MemoryBudget memory;
  private final List<String> refused = new ArrayList<>();
  private long bytes;
  private int members;
  private long taken;
  private long refusals;
  private @Nullable DepositException failure;

  TarTally(MemoryBudget memory) {
    this.memory = memory;
  }

  /** Whether another member of that size may begin without waiting. */
  synchronized boolean hasRoom(long size) {
    if (members == 0) {
      return true;
    }
    return !memory.isOver() && members < MOST_MEMBERS && bytes + size <= MOST_BYTES;
  }

  /** Waits until a member of that size may begin; what has begun must be on its way. */
  synchronized Receipt begin(String name, long size) {
    boolean interrupted = false;
    while (!hasRoom(size)) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true; // What was submitted will be answered.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    members++;
    bytes += size;
    return reason -> done(name, size, reason);
  }

  private synchronized void done(String name, long size, @Nullable DepositException reason) {
    members--;
    bytes -= size;
    if (reason == null) {
      taken++;
    } else {
      fail(name, reason);
    }
    notifyAll();
  }

  synchronized void taken() {
    taken++;
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

  synchronized boolean goesOn() {
    return failure == null;
  }

  synchronized TarResult awaitResult() {
    boolean interrupted = false;
    while (members > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return new TarResult(taken, List.copyOf(refused), refusals, failure);
  }
}
