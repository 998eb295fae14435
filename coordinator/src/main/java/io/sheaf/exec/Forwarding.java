package io.sheaf.exec;

import io.sheaf.daemon.Signals;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Passes the signals that this process gets on to a command, and stays until that has ended. A
 * terminal's own go to all of its foreground processes, so the command has those already.
 *
 * <p>SIGQUIT is the virtual machine's own and cannot be passed on, SIGKILL and SIGSTOP nobody's.
 */
final class Forwarding implements AutoCloseable {
  private static final List<String> ALWAYS = List.of("TERM", "HUP", "USR1", "USR2", "CONT");
  private static final List<String> OF_TERMINALS = List.of("INT", "TSTP");

  private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long STOP_LOOK_MILLIS = 10;

  private final List<AutoCloseable> handlers = new ArrayList<>();
  private final List<String> early = new ArrayList<>();
  private final Runnable afterwards;
  private @Nullable Process command;

  /**
   * From now on signals are kept for the command, which begins soon.
   *
   * @param afterwards what a signal does that would end the command when that has ended
   */
  Forwarding(Runnable afterwards) {
    this.afterwards = afterwards;
    ALWAYS.forEach(name -> handlers.add(Signals.handle(name, () -> arrived(name, false))));
    OF_TERMINALS.forEach(name -> handlers.add(Signals.handle(name, () -> arrived(name, true))));
  }

  /** Passes on what has come before. */
  synchronized void started(Process process) {
    command = process;
    early.forEach(this::pass);
    early.clear();
  }

  private synchronized void arrived(String name, boolean ofTerminal) {
    boolean hasIt = ofTerminal && isInForeground();
    if (command == null) {
      early.add(name);
    } else if (!command.isAlive()) {
      if (!name.equals("CONT") && !name.equals("TSTP")) {
        afterwards.run();
      }
    } else if (!hasIt) {
      pass(name);
    }
    if (name.equals("TSTP") && (hasIt || standsStill())) {
      kill("STOP", ProcessHandle.current().pid());
    }
  }

  /**
   * Whether the command has stopped by now, or does within a moment. It need not: in a process
   * group without a shell that could continue it SIGTSTP does nothing, and then this process must
   * go on reading what the command prints.
   */
  private boolean standsStill() {
    long end = System.nanoTime() + STOP_NANOS;
    boolean stopped = false;
    try {
      while (!stopped && command != null && command.isAlive() && System.nanoTime() - end < 0) {
        TimeUnit.MILLISECONDS.sleep(STOP_LOOK_MILLIS);
        stopped = ProcStat.of(Long.toString(command.pid())).state().equals("T");
      }
    } catch (IOException e) {
      return false; // It has ended.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return stopped;
  }

  private void pass(String name) {
    Process to = command;
    if (to != null && to.isAlive()) {
      kill(name, to.pid());
    }
  }

  /** The JDK knows SIGTERM and SIGKILL only. */
  private static void kill(String name, long pid) {
    try {
      new ProcessBuilder("/bin/sh", "-c", "kill -s \"$0\" \"$1\"", name, Long.toString(pid))
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      // Without a shell there is SIGTERM at least.
      ProcessHandle.of(pid).filter(p -> name.equals("TERM")).ifPresent(ProcessHandle::destroy);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether this process group is the one that its terminal sends signals to. */
  private static boolean isInForeground() {
    try {
      return ProcStat.of("self").isInForeground();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    for (AutoCloseable handler : handlers) {
      try {
        handler.close();
      } catch (Exception e) {
        throw new IllegalStateException(e); // It closes without any.
      }
    }
  }
}
