package io.sheaf.cli;

import io.sheaf.session.DemoResult;
import java.io.PrintWriter;
import java.util.Locale;

/** Prints what came out of a demo. */
final class DemoReport {
  private static final int MOST_DIFFERENCES = 20;

  private final PrintWriter out;

  DemoReport(PrintWriter out) {
    this.out = out;
  }

  void print(DemoResult r, double seconds) {
    Text.Table table = new Text.Table("archive", "#entries", "#size");
    for (DemoResult.Archive a : r.archives()) {
      table.row(a.name(), Text.count(a.entries()), Text.bytes(a.bytes()));
    }
    table.print(out);
    out.println();
    out.println(
        "inodes:   "
            + Text.count(r.inodesBefore())
            + " files before, "
            + Text.count(r.archives().size(), "archive")
            + " after ("
            + Text.count(r.inodesAfter())
            + " files with Sheaf's own)"
            + DemoDisplay.leftOut(r.symlinks(), r.unreadable(), r.special()));
    r.summary()
        .mergesBy()
        .forEach((who, n) -> out.println("merged:   " + Text.count(n) + " times by " + who));
    out.println(
        "checked:  "
            + Text.count(r.same())
            + " of "
            + Text.count(r.files(), "file")
            + " are in the archives once, byte for byte");
    r.differences().stream().limit(MOST_DIFFERENCES).forEach(d -> out.println("differs:  " + d));
    out.println(
        String.format(
            Locale.ROOT,
            "time:     %.1f s in all: deposits %.1f s, then merges %.1f s, check %.1f s",
            seconds,
            r.depositSeconds(),
            r.mergeSeconds(),
            r.checkSeconds()));
    if (!r.archives().isEmpty()) {
      out.println();
      out.println("Look inside: unzip -l " + r.base().resolve(r.archives().get(0).name()));
    }
  }
}
