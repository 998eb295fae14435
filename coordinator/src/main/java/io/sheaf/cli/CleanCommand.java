package io.sheaf.cli;

import io.sheaf.archive.RecoveryReport;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.WorkerId;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import io.sheaf.scavenge.SessionCleaning;
import io.sheaf.scavenge.SessionSummary;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf session clean}. */
@Command(
    name = "clean",
    description = {
      "Ends a session after a crash: salvages what its dead members had open, merges what is"
          + " pending, writes the summary and removes the session from ZooKeeper.",
      "Works from any node that sees the base directory, at once, and also when ZooKeeper has lost"
          + " its data or was part of the job. It refuses while a member is alive, and names it."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf session clean job7 -r /shared/out",
      "  sheaf session clean job7 -r /shared/out --dry-run"
    })
final class CleanCommand extends SessionVerb {
  @Option(names = "--dry-run", description = "Say what would be done, change nothing.")
  private boolean dryRun;

  @Option(
      names = "--timeout",
      paramLabel = "VALUE",
      description =
          "Wait so long for archives that other sessions are at work on (default:"
              + " ${DEFAULT-VALUE}).")
  private String timeout = "5m";

  CleanCommand(Context context) {
    super(context);
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
    Disk disk = new SystemDisk();
    try (FoundSession found = FoundSession.ifItAnswers(settings, disk)) {
      SessionCleaning cleaning =
          new SessionCleaning(
              disk,
              found.base(session),
              found.tree(),
              WorkerId.create().toString(),
              Clock.systemUTC());
      return clean(cleaning, session, settings, patience);
    }
  }

  private Integer clean(
      SessionCleaning cleaning, String session, Settings settings, Duration patience)
      throws IOException, InterruptedException {
    ProgressLine progress = new ProgressLine(err(), context.terminal());
    SessionCleaning.Result result =
        cleaning.run(
            session,
            settings.get(Keys.MERGE_THREADS),
            patience,
            (done, of, last) ->
                progress.show(Text.count(done) + " of " + Text.count(of, "archive") + " done"));
    progress.end();
    SessionSummary summary = result.summary();
    if (isJson()) {
      Json.print(out(), summary);
    } else {
      Optional<RecoveryReport> report = result.report();
      report
          .filter(r -> r.salvaged() > 0)
          .ifPresent(r -> out().println("salvaged now: " + Text.count(r.salvaged(), "batch")));
      Summaries.print(out(), summary);
    }
    return summary.isClean() ? ExitStatus.DONE : ExitStatus.IN_PART;
  }
}
