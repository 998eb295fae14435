package io.sheaf.cli;

import io.sheaf.archive.MergePolicy;
import io.sheaf.archive.OfflineRecovery;
import io.sheaf.archive.RecoveryReport;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.WorkerId;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/** {@code sheaf recover}. */
@Command(
    name = "recover",
    description = {
      "Brings a base directory to rest after a crash: salvages what dead workers left open,"
          + " finishes or undoes merges, and merges everything that is pending.",
      "It needs no ZooKeeper, and is safe beside a live session: what a member holds is left to"
          + " it. Run it again as often as you like. It ends with 1 if an archive could not be"
          + " merged, with 3 if something is in quarantine, held by a member, or waits."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf recover -r out",
      "  sheaf recover -r out --merge-threads 8 --output json"
    })
final class RecoverCommand extends BaseCommand {
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
    OfflineRecovery recovery =
        new OfflineRecovery(
            disk,
            base(),
            MergePolicy.of(settings),
            WorkerId.create().toString(),
            Clock.systemUTC());
    ProgressLine progress = new ProgressLine(err(), context.terminal());
    RecoveryReport report =
        recovery.run(
            settings.get(Keys.MERGE_THREADS),
            (done, of, last) ->
                progress.show(Text.count(done) + " of " + Text.count(of, "archive") + " done"));
    progress.end();
    if (isJson()) {
      Json.print(out(), report);
    } else {
      print(report);
    }
    if (!report.succeeded()) {
      return ExitStatus.FAILED;
    }
    return report.complete() ? ExitStatus.DONE : ExitStatus.IN_PART;
  }

  private void print(RecoveryReport report) {
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
      table.print(out());
    }
    report.archives().forEach(this::details);
    report.held().forEach(path -> out().println("open: " + path + ": a process has it"));
    report.quarantined().forEach(q -> out().println("quarantine: " + q.path() + ": " + q.reason()));
    out().println(verdict(report));
  }

  private void details(RecoveryReport.Archive a) {
    a.rolled().forEach(to -> out().println(a.archive() + ": was full, now " + to));
    a.gaps().forEach(gap -> out().println(a.archive() + ": " + gap));
    if (a.held() > 0) {
      out()
          .println(
              a.archive()
                  + ": "
                  + Text.count(a.held(), "batch")
                  + " wait for earlier ones of their worker");
    }
    if (a.problem() != null) {
      out().println(a.archive() + ": " + a.problem());
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
