package io.sheaf.cli;

import java.io.PrintWriter;

/** A line on a terminal that says how far a command has come; nothing anywhere else. */
final class ProgressLine {
  /** Back to the line's beginning, and erase it (ECMA-48, EL). */
  private static final String CLEAR_LINE = "\r\u001b[K";

  /** More often nobody can read it. */
  private static final long PAUSE_NANOS = 100_000_000L;

  private final PrintWriter err;
  private final boolean terminal;
  private long shown;
  private boolean onLine;

  ProgressLine(PrintWriter err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  void show(String text) {
    long now = System.nanoTime();
    if (terminal && (!onLine || now - shown > PAUSE_NANOS)) {
      err.print(CLEAR_LINE + "sheaf: " + text);
      err.flush();
      shown = now;
      onLine = true;
    }
  }

  /** Takes the line away. */
  void end() {
    if (onLine) {
      err.print(CLEAR_LINE);
      err.flush();
    }
  }
}
