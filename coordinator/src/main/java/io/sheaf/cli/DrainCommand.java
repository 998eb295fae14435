package io.sheaf.cli;

import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.SystemDisk;
import io.sheaf.scavenge.SessionSummary;
import io.sheaf.session.Drain;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.Tree;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf session drain}. */
@Command(
    name = "drain",
    description = {
      "Ends a session: workers flush and leave, coordinators merge what is pending.",
      "Waits for that and prints the summary."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf session drain job7 --servers zk1:2181",
      "  sheaf session drain job7 --timeout 10m --output json"
    })
final class DrainCommand extends SessionVerb {
  @Option(
      names = "--timeout",
      paramLabel = "VALUE",
      description = "Wait for so long; the session goes on draining (default: ${DEFAULT-VALUE}).")
  private String timeout = "24h";

  @Option(names = "--dry-run", description = "Say what would be done, change nothing.")
  private boolean dryRun;

  DrainCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return KeyOptions.join(super.keys(), List.of(Keys.DONE_FILE));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = settings();
    String session = settings.get(Keys.SESSION);
    Duration patience = Durations.option("--timeout", timeout);
    if (dryRun) {
      PlanCommand.print(this, settings, session);
      return ExitStatus.DONE;
    }
    DoneFile done = DoneFile.of(settings, "drain");
    try (Tree tree = Trees.connect(settings, new SystemDisk());
        Drain drain = begin(tree, session, settings)) {
      DrainProgress progress = new DrainProgress(err(), context.terminal());
      boolean drained;
      try {
        drained = drain.await(patience, progress::show);
      } finally {
        progress.end();
      }
      if (!drained) {
        throw new FailedException(
            ExitStatus.FAILED,
            "session "
                + session
                + " is not drained after "
                + timeout
                + "; it goes on draining: see 'sheaf session status "
                + session
                + "'");
      }
      return finish(drain, session, settings.find(Keys.BASE).orElse(drain.base()), done);
    }
  }

  private static Drain begin(Tree tree, String session, Settings settings) throws IOException {
    try {
      return Drain.begin(tree, session);
    } catch (NoSuchSessionException e) {
      throw ClosedSession.explain(e, settings);
    }
  }

  private Integer finish(Drain drain, String session, Path base, DoneFile done) throws IOException {
    SystemDisk disk = new SystemDisk();
    Optional<SessionSummary> summary = drain.summary(disk, base);
    if (summary.isEmpty()) {
      throw new FailedException(
          ExitStatus.FAILED,
          "session "
              + session
              + " is closed, but "
              + base
              + " holds no summary of it; if it has another path here, give it with --base");
    }
    done.write(summary);
    if (isJson()) {
      Json.print(out(), summary.get());
    } else {
      Summaries.print(out(), summary.get());
    }
    return summary.get().isClean() ? ExitStatus.DONE : ExitStatus.IN_PART;
  }
}
