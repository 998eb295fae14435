package io.sheaf.cli;

import io.sheaf.scavenge.SessionSummary;
import java.io.PrintWriter;
import java.time.Duration;

/** Prints what became of a session. */
final class Summaries {
  private Summaries() {}

  static void print(PrintWriter out, SessionSummary s) {
    out.println(
        "session "
            + s.session()
            + ": closed after "
            + Text.interval(Duration.ofMillis(Math.max(0, s.closed() - s.created()))));
    out.println(line(s));
    s.mergesBy().forEach((who, n) -> out.println("  " + who + ": " + Text.count(n, "merge")));
    if (s.collapsed() > 0 || s.renamed() > 0) {
      out.println(
          Text.count(s.collapsed())
              + " were there already with the same bytes, "
              + Text.count(s.renamed())
              + " were renamed");
    }
    if (s.salvagedBatches() > 0) {
      out.println(
          "salvaged from workers that died: "
              + Text.count(s.salvagedBatches(), "batch")
              + ", "
              + Text.count(s.salvagedEntries(), "entry"));
    }
    if (!s.earlier().isEmpty()) {
      out.println(
          "before, under the same name: "
              + Text.count(s.earlier().size(), "session")
              + ", "
              + Text.count(s.earlier().stream().mapToLong(SessionSummary::files).sum(), "file")
              + (s.earlier().stream().allMatch(SessionSummary::isClean)
                  ? ""
                  : "; not everything was merged"));
    }
    s.gaps().forEach(gap -> out.println("gap: " + gap));
    s.quarantine().forEach(q -> out.println("quarantine: " + q.path() + ": " + q.reason()));
    s.blocked()
        .forEach(
            b ->
                out.println(
                    "not merged: "
                        + b.archive()
                        + ", "
                        + Text.count(b.batches(), "batch")
                        + " still wait: "
                        + b.reason()));
  }

  /** The whole of it in one line. */
  static String line(SessionSummary s) {
    return Text.count(s.files(), "file")
        + " ("
        + Text.bytes(s.bytes())
        + ") in "
        + Text.count(s.archives(), "archive")
        + ", "
        + (s.inodesUsed() > 0 ? Text.count(s.inodesUsed(), "inode") + " used, " : "")
        + (s.inodesUsed() > 0 ? Text.count(s.inodesSaved()) : Text.count(s.inodesSaved(), "inode"))
        + " saved"
        + (s.isClean() ? "" : "; not everything was merged");
  }
}
