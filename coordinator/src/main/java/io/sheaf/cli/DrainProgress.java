package io.sheaf.cli;

import io.sheaf.session.Drain;
import java.io.PrintWriter;
import java.time.Duration;

/** Shows how far a drain has come: one line that changes on a terminal, few lines elsewhere. */
final class DrainProgress {
  /** Back to the line's beginning, and erase it (ECMA-48, EL). */
  private static final String CLEAR_LINE = "\r\u001b[K";

  private static final long QUIET_NANOS = 5_000_000_000L;

  /** Coordinators leave just before a session is gone: only after this long are they missed. */
  private static final Duration MISSED = Duration.ofSeconds(2);

  private final PrintWriter err;
  private final boolean terminal;
  private String phase = "";
  private long spoke;
  private boolean onLine;

  DrainProgress(PrintWriter err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  void show(Drain.Progress p) {
    String next = phase(p);
    String line = "sheaf: " + next + (p.batches() > 0 ? ", " + backlog(p) : "");
    if (terminal) {
      err.print(CLEAR_LINE + line);
      onLine = true;
    } else if (!next.equals(phase) || System.nanoTime() - spoke > QUIET_NANOS) {
      err.println(line);
      spoke = System.nanoTime();
    }
    phase = next;
    err.flush();
  }

  /** Ends the line that was changing. */
  void end() {
    if (onLine) {
      err.println();
    }
  }

  private static String phase(Drain.Progress p) {
    if (!p.connected()) {
      return "ZooKeeper does not answer; waiting for it";
    }
    if (p.workers() > 0) {
      return "waiting for " + Text.count(p.workers(), "worker") + " to flush and leave";
    }
    if (p.unattended().compareTo(MISSED) > 0) {
      return "no coordinator is alive to merge what is pending: start one with 'sheaf coordinator'";
    }
    return "merging";
  }

  private static String backlog(Drain.Progress p) {
    return Text.count(p.batches(), "batch") + " to merge";
  }
}
