package io.sheaf.cli;

import io.sheaf.archive.MergePlan;
import io.sheaf.session.SessionPlan;
import java.io.PrintWriter;
import java.util.Locale;

/** Prints what would be done. */
final class Plans {
  private Plans() {}

  static void print(SheafCommand command, SessionPlan plan) {
    PrintWriter out = command.out();
    if (command.isJson()) {
      Json.print(out, plan);
      return;
    }
    out.println("session " + plan.session() + ": " + plan.state() + ", base " + plan.base());
    if (plan.alive().isEmpty()) {
      out.println("no member is alive");
    } else {
      out.println(Text.count(plan.alive().size(), "member") + " would finish and leave:");
      plan.alive().forEach(id -> out.println("  " + id));
    }
    print(out, plan.merges());
  }

  static void print(PrintWriter out, MergePlan plan) {
    for (MergePlan.Open open : plan.open()) {
      String what = open.held() ? "would be closed by its worker" : "would be salvaged";
      out.println("open: " + open.path() + ", " + Text.bytes(open.size()) + ": " + what);
    }
    if (!plan.archives().isEmpty()) {
      Text.Table table =
          new Text.Table("archive", "how", "#batches", "#entries", "#bytes", "#now", "#writes");
      for (MergePlan.Archive a : plan.archives()) {
        table.row(
            a.archive(),
            a.way().name().toLowerCase(Locale.ROOT).replace('_', '-'),
            Text.count(a.batches()),
            Text.count(a.entries()),
            Text.bytes(a.bytes()),
            Text.bytes(a.length()),
            Text.bytes(a.writes()));
      }
      table.print(out);
    }
    plan.archives().forEach(a -> details(out, a));
    long batches = plan.archives().stream().mapToLong(MergePlan.Archive::batches).sum();
    out.println(
        "would merge "
            + Text.count(batches, "batch")
            + " into "
            + Text.count(plan.archives().size(), "archive")
            + " and write about "
            + Text.bytes(plan.writes()));
  }

  private static void details(PrintWriter out, MergePlan.Archive a) {
    if (a.merged() > 0) {
      out.println(a.archive() + ": " + Text.count(a.merged(), "batch") + " are merged already");
    }
    if (a.damaged() > 0) {
      out.println(
          a.archive()
              + ": "
              + Text.count(a.damaged(), "damaged file")
              + " to salvage or set aside");
    }
    if (a.problem() != null) {
      out.println(a.archive() + ": " + a.problem());
    }
  }
}
