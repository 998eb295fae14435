package io.sheaf.cli;

import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.SystemDisk;
import io.sheaf.scavenge.SessionSummary;
import io.sheaf.session.LocalSession;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf local}. */
@Command(
    name = "local",
    description = {
      "Runs a command with a whole session around it, on this machine.",
      "The command finds SHEAF_SOCKET, SHEAF_BASE and SHEAF_SESSION in its environment. After it"
          + " everything is merged; sheaf ends with the command's exit status, or, if that is 0"
          + " and not everything could be merged, with 3 or 1. A command that a signal ended counts"
          + " as 128 and the signal's number, one that cannot be run as 126, one that is not there"
          + " as 127."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf local --base out -- python3 writers.py",
      "  sheaf local --base out -- sh -c 'curl --unix-socket \"$SHEAF_SOCKET\""
          + " -T f http://localhost/a.zip/f'"
    })
final class LocalCommand extends SheafCommand {
  private static final String LOCAL = "local";

  @Parameters(arity = "1..*", paramLabel = "CMD", description = "The command and its arguments.")
  private List<String> command = List.of();

  @Option(
      names = "--drain-timeout",
      paramLabel = "VALUE",
      description = "Wait so long at most for the merges at the end (default: ${DEFAULT-VALUE}).")
  private String drainTimeout = "24h";

  LocalCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return KeyOptions.join(
        KeyOptions.SESSION,
        KeyOptions.parameters(),
        KeyOptions.section("worker"),
        KeyOptions.section("coordinator"),
        List.of(Keys.ENDS_AT, Keys.DRAIN_RESERVE, Keys.DONE_FILE));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Duration patience = Durations.option("--drain-timeout", drainTimeout);
    AtomicReference<@Nullable Process> child = new AtomicReference<>();
    DoneFile done = DoneFile.of(named(), spec.name());
    try (LocalSession session =
        LocalSession.start(this::complete, new SystemDisk(), Clock.systemUTC())) {
      return Termination.during(
          () -> terminate(child.get()),
          () -> {
            int status = run(session, child);
            Optional<SessionSummary> summary = session.drain(patience);
            done.write(summary);
            return finish(status, summary, session.name());
          });
    }
  }

  private Settings named() {
    Settings own = settings();
    return own.find(Keys.SESSION).isPresent() ? own : settings(Map.of(Keys.SESSION.name(), LOCAL));
  }

  /** The settings, once the server's address is known. The user's environment may name another. */
  private Settings complete(Map<String, String> parts) {
    Map<String, String> overrides = new LinkedHashMap<>();
    overrides.put(Keys.SERVERS.name(), parts.getOrDefault(Keys.SERVERS.name(), ""));
    overrides.put(Keys.ROOT.name(), String.valueOf(Keys.ROOT.defaultText()));
    Settings own = settings(overrides);
    if (own.find(Keys.SOCKET).isEmpty()) {
      overrides.put(Keys.SOCKET.name(), parts.getOrDefault(Keys.SOCKET.name(), ""));
    }
    if (own.find(Keys.SESSION).isEmpty()) {
      overrides.put(Keys.SESSION.name(), LOCAL);
    }
    return settings(overrides);
  }

  private int run(LocalSession session, AtomicReference<@Nullable Process> child)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    Map<String, String> environment = builder.environment();
    environment.put(Keys.SOCKET.variable(), session.socket().toString());
    environment.put(Keys.BASE.variable(), session.base().toString());
    environment.put(Keys.SESSION.variable(), session.name());
    Process process = ChildCommand.start(builder);
    child.set(process);
    return process.waitFor();
  }

  private static void terminate(@Nullable Process child) {
    if (child != null) {
      child.destroy();
    }
  }

  private int finish(int status, Optional<SessionSummary> summary, String session) {
    if (summary.isEmpty()) {
      err()
          .println(
              "sheaf: "
                  + session
                  + ": not everything is merged after "
                  + drainTimeout
                  + "; it waits in the base directory for the next session");
      return status == 0 ? ExitStatus.FAILED : status;
    }
    if (isJson()) {
      Json.print(out(), summary.get());
    }
    err().println("sheaf: " + Summaries.line(summary.get()));
    if (!summary.get().isClean()) {
      summary
          .get()
          .blocked()
          .forEach(b -> err().println("sheaf: " + b.archive() + ": " + b.reason()));
      err().println("sheaf: see 'sheaf verify -r " + summary.get().base() + "'");
    }
    return status == 0 && !summary.get().isClean() ? ExitStatus.IN_PART : status;
  }
}
