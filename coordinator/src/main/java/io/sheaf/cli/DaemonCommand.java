package io.sheaf.cli;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.daemon.Detached;
import io.sheaf.daemon.Names;
import io.sheaf.daemon.Service;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What the commands share that run until they are told to end. */
abstract class DaemonCommand extends SheafCommand {
  private static final String DAEMON = "--daemon";

  @Option(
      names = DAEMON,
      description = {
        "Go on in the background: end once it serves, or with its status if it does not come to"
            + " that."
      })
  private boolean daemon;

  DaemonCommand(Context context) {
    super(context);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = settings();
    check(settings);
    return daemon ? detach(settings) : attached(settings);
  }

  /** Complains of what is missing before anything is started. */
  void check(Settings settings) {}

  /** Serves until the end; the exit status. */
  abstract int serve(Settings settings, Service service) throws IOException, InterruptedException;

  /** Shows how a program reaches what serves now. */
  void show(Map<String, String> facts) {}

  private int attached(Settings settings) throws IOException, InterruptedException {
    Optional<String> log = settings.find(Keys.LOGFILE);
    if (log.isPresent()) {
      Logging.toFile(
          Names.path(log.get(), settings, spec.name()),
          settings.get(Keys.LOG_MAX_BYTES),
          settings.get(Keys.LOG_COUNT));
    }
    try (Service service = Service.open(spec.name(), settings, new SystemDisk())) {
      return serve(settings, service);
    }
  }

  /** Says that it serves, to the user and to whoever waits. */
  void ready(Service service, String line, Map<String, String> facts) {
    err().println("sheaf: " + line);
    service.ready(line, facts);
  }

  private int detach(Settings settings) throws IOException, InterruptedException {
    Detached.Started started = Detached.start(arguments(), spec.name(), settings);
    String line = started.facts().get("line");
    err().println("sheaf: " + line + " (pid " + started.pid() + ", log " + started.log() + ")");
    if (isJson()) {
      Json.print(out(), json(started));
    } else {
      show(started.facts());
    }
    return ExitStatus.DONE;
  }

  private static Map<String, Object> json(Detached.Started started) {
    Map<String, Object> all = new LinkedHashMap<>(started.facts());
    all.remove("line");
    all.put("pid", started.pid());
    all.put("log", started.log().toString());
    return all;
  }

  /** Those with which the process is started that goes on in the background. */
  List<String> arguments() {
    return spec.commandLine().getParseResult().originalArgs().stream()
        .filter(argument -> !argument.equals(DAEMON))
        .toList();
  }
}
