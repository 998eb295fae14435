package io.sheaf.session;

import io.sheaf.daemon.OutputTail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that goes on when this one ends, with its output in a file. */
final class LaunchedProcess {
  private static final int SECONDS_TO_LEAVE = 20;

  private final String name;
  private final Process process;
  private final Path log;

  private LaunchedProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /** Starts a command in a terminal session of its own, so that an interrupt here spares it. */
  static LaunchedProcess start(LaunchPlan.Start start, Path logs) throws IOException {
    Path log = logs.resolve(start.name() + ".log");
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
      command.add("/usr/bin/setsid");
    }
    command.addAll(start.command());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .start();
    return new LaunchedProcess(start.name(), process, log);
  }

  /** Fails when the process has ended, with the end of what it printed. */
  void requireAlive() throws IOException {
    if (!process.isAlive()) {
      throw new IOException(
          name
              + " ended with "
              + process.exitValue()
              + ": "
              + OutputTail.of(log)
              + " ("
              + log
              + ")");
    }
  }

  /** The last that it printed, for a list of several. */
  String lastLine() {
    String lines = OutputTail.of(log);
    return "; " + name + ": " + lines.substring(lines.lastIndexOf("; ") + 1).strip();
  }

  /** Ends it, orderly as long as it takes no longer than that. */
  static void stop(List<LaunchedProcess> all) {
    all.forEach(one -> one.process.destroy());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_LEAVE);
    for (LaunchedProcess one : all) {
      try {
        one.process.waitFor(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      one.process.destroyForcibly();
    }
  }
}
