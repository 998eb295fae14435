package io.sheaf.cli;

import io.sheaf.archive.Verifier;
import io.sheaf.archive.VerifyReport;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf verify}. */
@Command(
    name = "verify",
    description = {
      "Checks every archive against its ledger, and shows what is pending and in quarantine.",
      "It changes nothing and needs no ZooKeeper. It ends with 1 if something is damaged,"
          + " with 3 if something is in quarantine, or in the inbox and no batch."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf verify -r out",
      "  sheaf verify -r out --deep --output json"
    })
final class VerifyCommand extends BaseCommand {
  @Option(names = "--deep", description = "Check the checksum of each entry too.")
  private boolean deep;

  VerifyCommand(Context context) {
    super(context);
  }

  @Override
  public Integer call() throws IOException {
    VerifyReport report = new Verifier(disk, base()).verify(deep);
    if (isJson()) {
      Json.print(out(), report);
    } else {
      print(report);
    }
    if (!report.sound()) {
      return ExitStatus.FAILED;
    }
    boolean all = report.quarantined().isEmpty() && report.strays().isEmpty();
    return all ? ExitStatus.DONE : ExitStatus.IN_PART;
  }

  private void print(VerifyReport report) {
    Text.Table table = new Text.Table("archive", "state", "#entries", "#size", "#epoch");
    for (VerifyReport.Archive a : report.archives()) {
      table.row(
          a.archive(),
          a.status().name().toLowerCase(Locale.ROOT).replace('_', '-'),
          Text.count(a.entries()),
          Text.bytes(a.length()),
          Text.count(a.epoch()));
    }
    table.print(out());
    report.archives().forEach(this::problems);
    for (VerifyReport.Pending p : report.pending()) {
      tell("pending: " + p.path(), Text.count(p.entries()) + " entries, " + Text.bytes(p.bytes()));
      p.problems().forEach(problem -> tell(p.path(), problem));
    }
    report.open().forEach(path -> out().println("open: " + path));
    report.quarantined().forEach(q -> tell("quarantine: " + q.path(), q.reason()));
    report
        .strays()
        .forEach(
            path -> tell("stray: " + path, "no batch by its name or place, so nobody merges it"));
    report
        .leftovers()
        .forEach(path -> tell("leftover: " + path, "of a crash or a merge under way; harmless"));
    report.problems().forEach(out()::println);
    out().println(verdict(report));
  }

  private void problems(VerifyReport.Archive archive) {
    archive.problems().forEach(problem -> tell(archive.archive(), problem));
    boolean wrong = !archive.sound();
    if (wrong && archive.epoch() > 0) {
      tell(
          archive.archive(),
          "put the archive of epoch "
              + archive.epoch()
              + " back; or, to take it as it is, move"
              + " .sheaf/ledger/"
              + archive.archive()
              + ".json away while no coordinator runs");
    }
  }

  private void tell(String about, String what) {
    out().println(about + ": " + what);
  }

  private static String verdict(VerifyReport report) {
    String rest =
        report.quarantined().isEmpty()
            ? ""
            : ", " + Text.count(report.quarantined().size()) + " in quarantine";
    return (report.sound() ? "ok: " : "damaged: ")
        + Text.count(report.archives().size(), "archive")
        + ", "
        + Text.count(report.pending().size(), "batch")
        + " pending"
        + rest;
  }
}
