package io.sheaf.exec;

import io.sheaf.daemon.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    if (name.equals("TSTP")) {
      kill("STOP", ProcessHandle.current().pid());
    }
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

  /** Whether this process group is the one that its terminal sends signals to: proc(5). */
  private static boolean isInForeground() {
    try {
      String stat = Files.readString(Path.of("/proc/self/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      String group = fields[2];
      return !fields[4].equals("0") && group.equals(fields[5]);
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
