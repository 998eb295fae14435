package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the deposits that are under way, and lets no more in once they are refused. */
final class Admission {
  private final AtomicLong inside = new AtomicLong();
  private volatile String reason = "";
  private volatile String pause = "";
  private volatile boolean awaited;

  void enter() throws DepositException {
    // Counted before the look, so that whoever refuses and then counts cannot miss one.
    inside.incrementAndGet();
    String why = reason();
    if (!why.isEmpty()) {
      leave(1);
      throw new DepositException(Kind.UNAVAILABLE, why);
    }
  }

  /** For what follows from something that is inside. */
  void enterToo() {
    inside.incrementAndGet();
  }

  void leave(int count) {
    if (inside.addAndGet(-count) == 0 && awaited) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  synchronized void refuse(String why) {
    if (reason.isEmpty()) {
      reason = why;
    }
  }

  /** Lets none in for a while; none any more once they are refused. Empty ends the pause. */
  void pause(String why) {
    pause = why;
  }

  String reason() {
    return reason.isEmpty() ? pause : reason;
  }

  synchronized boolean awaitNone(Duration timeout) {
    awaited = true;
    return Waiting.until(this, () -> inside.get() == 0, timeout);
  }
}
