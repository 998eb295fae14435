package io.sheaf.daemon;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Starts a worker, coordinator or ZooKeeper server as a daemon: in a session of its own (setsid),
 * with standard input from /dev/null and all output in its log.
 */
public final class Detached {
  /**
   * Runs in the shell between setsid and Java: makes the log's name with the pid that Java will
   * have, and moves the pipe away from standard output, which goes to the log.
   */
  private static final String SHELL =
      """
      log=${1#x}; shift
      while [ "$1" != -- ]; do log=$log$$${1#x}; shift; done
      shift
      exec "$@" 3>&1 >>"$log" 2>&1
      """;

  private Detached() {}

  /**
   * A daemon that serves.
   *
   * @param facts what it says of itself: {@code line} for a person, {@code id}, {@code socket} or
   *     {@code servers}
   */
  public record Started(long pid, Path log, Map<String, String> facts) {}

  /** It ended before it served; the message is the end of its log. */
  public static final class EndedException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int status;

    EndedException(String message, int status) {
      super(message);
      this.status = status;
    }

    /** What it ended with. */
    public int status() {
      return status;
    }
  }

  /**
   * Starts it and waits until it is registered and serves, however long that takes. If this process
   * is ended meanwhile, so is the daemon.
   *
   * @param arguments of {@code sheaf}, without {@code --daemon}: role and options
   * @param settings those that the daemon will have, as far as its log's name depends on them
   * @throws EndedException when it ended instead
   */
  public static Started start(List<String> arguments, String role, Settings settings)
      throws IOException, InterruptedException {
    LogName log = LogName.of(settings, role);
    log.prepare();
    ProcessBuilder builder = command(arguments, log);
    Map<String, String> environment = builder.environment();
    environment.put(Readiness.VARIABLE, Readiness.PIPE);
    // They are for the process that the service manager started.
    environment
        .keySet()
        .removeAll(List.of("NOTIFY_SOCKET", ServiceManager.WATCHDOG, ServiceManager.WATCHDOG_PID));
    if (log.byDefault()) {
      environment.put(Keys.LOGFILE.variable(), log.template());
    }
    return await(role, builder.start(), log);
  }

  private static ProcessBuilder command(List<String> arguments, LogName log) {
    List<String> command = new ArrayList<>(List.of("setsid", "sh", "-c", SHELL, "sheaf"));
    log.pieces().forEach(piece -> command.add("x" + piece));
    command.add("--");
    command.addAll(SelfProcess.launch(arguments));
    return new ProcessBuilder(command)
        .redirectInput(new File("/dev/null"))
        .redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  private static Started await(String role, Process process, LogName name)
      throws IOException, InterruptedException {
    Path log = name.path(process.pid());
    long before = Files.exists(log) ? Files.size(log) : 0;
    Thread hook = new Thread(process::destroy, "detached");
    Runtime.getRuntime().addShutdownHook(hook);
    Map<String, String> facts = new TreeMap<>();
    boolean ready = read(process, facts);
    int status = ready ? 0 : process.waitFor();
    remove(hook);
    if (!ready) {
      throw new EndedException(
          "the "
              + role
              + " ended with "
              + status
              + " before it served: "
              + OutputTail.of(log, before)
              + " (log "
              + log
              + ")",
          status);
    }
    return new Started(process.pid(), log, facts);
  }

  private static boolean read(Process process, Map<String, String> facts) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      int equals = line.indexOf('=');
      if (equals < 0) {
        return true;
      }
      facts.put(line.substring(0, equals), line.substring(equals + 1));
    }
    return false;
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // This process is ending: the hook ends the daemon.
    }
  }
}
