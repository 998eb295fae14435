package io.sheaf.cli;

import io.sheaf.session.DemoProgress;
import io.sheaf.session.DemoTree;
import java.io.PrintWriter;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how the demo goes on: a bar on a terminal, lines elsewhere. */
final class DemoDisplay implements DemoProgress, AutoCloseable {
  private static final long QUIET_NANOS = 1_000_000_000L;

  private final PrintWriter err;
  private final boolean terminal;
  private @Nullable ProgressBar bar;
  private long files;
  private long spoke = System.nanoTime();

  DemoDisplay(PrintWriter err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  @Override
  public void found(DemoTree tree) {
    files = tree.files().size();
    say(
        tree.root()
            + ": "
            + Text.count(files, "file")
            + ", "
            + Text.bytes(tree.bytes())
            + leftOut(tree.symlinks(), tree.unreadable(), tree.special()));
  }

  /** What a tree holds that is not deposited. */
  static String leftOut(long symlinks, long unreadable, long special) {
    StringBuilder text = new StringBuilder();
    if (symlinks > 0) {
      text.append(", ").append(Text.count(symlinks, "symlink"));
    }
    if (unreadable > 0) {
      text.append(", ").append(Text.count(unreadable)).append(" unreadable");
    }
    if (special > 0) {
      text.append(", ").append(Text.count(special)).append(" special");
    }
    return text.length() == 0 ? "" : "; left out: " + text.substring(2);
  }

  @Override
  public void step(String what) {
    if (bar == null) {
      say(what);
    } else {
      bar.setExtraMessage(" " + what);
    }
  }

  @Override
  public void at(long done, long bytes, long backlog) {
    String rest = Text.bytes(bytes) + ", backlog " + Text.count(backlog);
    if (terminal) {
      bar().stepTo(done).setExtraMessage(" " + rest);
    } else if (System.nanoTime() - spoke > QUIET_NANOS) {
      say(Text.count(done) + " of " + Text.count(files, "file") + ", " + rest);
    }
  }

  private ProgressBar bar() {
    if (bar == null) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("deposited")
              .setInitialMax(files)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis((int) Duration.ofMillis(100).toMillis())
              .build();
    }
    return bar;
  }

  private void say(String what) {
    err.println("sheaf: " + what);
    err.flush();
    spoke = System.nanoTime();
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
