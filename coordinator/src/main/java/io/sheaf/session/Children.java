package io.sheaf.session;

import io.sheaf.daemon.OutputTail;
import io.sheaf.daemon.SelfProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Processes that must not outlive this one; closing this, or the end of this process, ends them.
 */
final class Children implements AutoCloseable {
  private static final int SECONDS_TO_LEAVE = 5;

  /** A process that was started, and where its output goes. */
  record Child(String name, Process process, Path log) {
    /** Why it ended, for a user: the end of what it printed. */
    IOException failure() {
      return new IOException(
          name + " ended with " + process.exitValue() + ": " + OutputTail.of(log));
    }
  }

  private final List<Child> children = new ArrayList<>();
  private final Thread hook = new Thread(this::destroy, "children");

  Children() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  synchronized Child start(String name, List<String> arguments, Path log) throws IOException {
    Child child = new Child(name, SelfProcess.start(arguments, log), log);
    children.add(child);
    return child;
  }

  private synchronized void destroy() {
    children.forEach(child -> child.process().destroy());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_LEAVE);
    for (Child child : children) {
      try {
        child.process().waitFor(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      child.process().destroyForcibly();
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // This process is ending, and the hook does the same: whoever comes first.
    }
    destroy();
  }
}
