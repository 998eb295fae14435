package io.sheaf.cli;

import io.sheaf.session.Drain;
import java.io.PrintWriter;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how far a drain has come: a bar of batches on a terminal, few lines elsewhere. */
final class DrainProgress {
  private static final long QUIET_NANOS = 5_000_000_000L;
  private static final int UPDATE_MILLIS = 100;

  /** Coordinators leave just before a session is gone: only after this long are they missed. */
  private static final Duration MISSED = Duration.ofSeconds(2);

  private final PrintWriter err;
  private final boolean terminal;
  private String phase = "";
  private long spoke;
  private long most;
  private @Nullable ProgressBar bar;

  DrainProgress(PrintWriter err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  void show(Drain.Progress p) {
    String next = phase(p);
    if (terminal) {
      // Workers that leave make more to merge.
      most = Math.max(most, p.batches());
      bar().maxHint(Math.max(1, most)).stepTo(most - p.batches()).setExtraMessage(" " + next);
    } else if (!next.equals(phase) || System.nanoTime() - spoke > QUIET_NANOS) {
      err.println("sheaf: " + next + (p.batches() > 0 ? ", " + backlog(p) : ""));
      err.flush();
      spoke = System.nanoTime();
    }
    phase = next;
  }

  private ProgressBar bar() {
    if (bar == null) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("batches merged")
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(UPDATE_MILLIS)
              .build();
    }
    return bar;
  }

  /** Ends the line that was changing. */
  void end() {
    if (bar != null) {
      bar.close();
      bar = null;
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
