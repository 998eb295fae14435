package io.sheaf.cli;

import io.sheaf.archive.MergePlan;
import io.sheaf.archive.MergePolicy;
import io.sheaf.archive.OfflineRecovery;
import io.sheaf.archive.RecoveryReport;
import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BaseWatch;
import io.sheaf.batch.Target;
import io.sheaf.batch.WatchedDisk;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.WorkerId;
import io.sheaf.worker.BrokenLocks;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf recover}. */
@Command(
    name = "recover",
    description = {
      "Brings a base directory to rest after a crash: salvages what dead workers left open,"
          + " finishes or undoes merges, and merges everything that is pending. When no member is at"
          + " work it then tidies up: ledgers go into one file, lock files and empty directories go.",
      "It needs no ZooKeeper, and is safe beside a live session: what a member holds is left to"
          + " it. Run it again as often as you like. It ends with 1 if an archive could not be"
          + " merged, with 3 if something is in quarantine, held by a member, or waits."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf recover -r out",
      "  sheaf recover -r out --merge-threads 8 --output json",
      "  sheaf recover -r out --accept results.zip",
      "  sheaf recover -r out --retry-quarantine"
    })
final class RecoverCommand extends BaseCommand {
  @Option(
      names = "--accept",
      paramLabel = "ARCHIVE",
      split = ",",
      description =
          "Take an archive as it is, though it is not as at its last commit: what is missing in it"
              + " is lost. It must be a whole zip, or gone.")
  private Set<String> accept = Set.of();

  @Option(
      names = "--retry-quarantine",
      description =
          "Take back what was repaired in quarantine: batches that are whole again, and entries.")
  private boolean retryQuarantine;

  @Option(
      names = "--salvage",
      description =
          "Where POSIX locks do not work: go on, for you know that no member runs on this base"
              + " directory.")
  private boolean salvage;

  @Option(names = "--dry-run", description = "Say what would be done, change nothing.")
  private boolean dryRun;

  RecoverCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return List.of(
        Keys.BASE,
        Keys.MERGE_THREADS,
        Keys.DUPLICATES,
        Keys.ORDER,
        Keys.GAP_TIMEOUT,
        Keys.COMMIT,
        Keys.ARCHIVE_MAX_BYTES,
        Keys.ARCHIVE_MAX_ENTRIES,
        Keys.SYMLINKS);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = settings();
    BaseDirectory base = base();
    if (dryRun) {
      MergePlan plan = MergePlan.of(disk, base, MergePolicy.of(settings));
      if (isJson()) {
        Json.print(out(), plan);
      } else {
        Plans.print(out(), plan);
      }
      return ExitStatus.DONE;
    }
    if (!salvage && BrokenLocks.found(disk, base).isPresent()) {
      throw new FailedException(
          ExitStatus.FAILED,
          "POSIX locks do not work on "
              + base.root()
              + " (see "
              + base.brokenLocks()
              + "), so they do not tell whether a member is at work: make sure that none is, then"
              + " use --salvage");
    }
    OfflineRecovery recovery =
        new OfflineRecovery(
            new WatchedDisk(disk, base, new BaseWatch(disk, base)),
            base,
            MergePolicy.of(settings),
            WorkerId.create().toString(),
            Clock.systemUTC());
    ProgressLine progress = new ProgressLine(err(), context.terminal());
    RecoveryReport report =
        recovery.run(
            new OfflineRecovery.Options(
                settings.get(Keys.MERGE_THREADS), retryQuarantine, accepted()),
            (done, of, last) ->
                progress.show(Text.count(done) + " of " + Text.count(of, "archive") + " done"));
    progress.end();
    if (isJson()) {
      Json.print(out(), report);
    } else {
      print(report, out());
    }
    if (!report.succeeded()) {
      return ExitStatus.FAILED;
    }
    return report.complete() ? ExitStatus.DONE : ExitStatus.IN_PART;
  }

  private Set<String> accepted() {
    for (String archive : accept) {
      try {
        Target.checkArchive(archive);
      } catch (BadTargetException e) {
        throw new UsageException("--accept " + archive + ": " + e.getMessage());
      }
    }
    return accept;
  }

  /** Prints what was done, for a person. */
  static void print(RecoveryReport report, PrintWriter out) {
    if (!report.archives().isEmpty()) {
      Text.Table table =
          new Text.Table("archive", "state", "#batches", "#entries", "#bytes", "#epoch");
      for (RecoveryReport.Archive a : report.archives()) {
        table.row(
            a.archive(),
            a.state().name().toLowerCase(Locale.ROOT),
            Text.count(a.batches()),
            Text.count(a.entries()),
            Text.bytes(a.bytes()),
            Text.count(a.epoch()));
      }
      table.print(out);
    }
    report.archives().forEach(a -> details(a, out));
    report
        .retried()
        .forEach(r -> out.println((r.taken() ? "taken back: " : "") + r.path() + ": " + r.what()));
    report.held().forEach(path -> out.println("open: " + path + ": a process has it"));
    report.quarantined().forEach(q -> out.println("quarantine: " + q.path() + ": " + q.reason()));
    if (report.tidied().folded() > 0) {
      out.println(
          "folded: "
              + Text.count(report.tidied().folded(), "ledger")
              + " into one file, "
              + Text.count(report.tidied().removed(), "inode")
              + " freed");
    }
    out.println(verdict(report));
  }

  private static void details(RecoveryReport.Archive a, PrintWriter out) {
    a.said().forEach(line -> out.println(a.archive() + ": " + line));
    a.rolled().forEach(to -> out.println(a.archive() + ": was full, now " + to));
    a.gaps().forEach(gap -> out.println(a.archive() + ": " + gap));
    if (a.held() > 0) {
      out.println(
          a.archive()
              + ": "
              + Text.count(a.held(), "batch")
              + " wait for earlier ones of their worker");
    }
    if (a.problem() != null) {
      out.println(a.archive() + ": " + a.problem());
    }
  }

  private static String verdict(RecoveryReport report) {
    long entries = report.archives().stream().mapToLong(RecoveryReport.Archive::entries).sum();
    long batches = report.archives().stream().mapToLong(RecoveryReport.Archive::batches).sum();
    String verdict = report.complete() ? "ok: " : report.succeeded() ? "in part: " : "failed: ";
    return verdict
        + Text.count(entries, "entry")
        + " merged from "
        + Text.count(batches, "batch")
        + (report.salvaged() > 0 ? ", " + Text.count(report.salvaged()) + " of them salvaged" : "");
  }
}
