package io.sheaf.cli;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.session.QuotaStatus;
import io.sheaf.session.SessionStatus;
import io.sheaf.tree.LockSupport;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/** {@code sheaf session status}. */
@Command(
    name = "status",
    description = "Shows the members of a session and what waits to be merged.",
    footer = {
      "",
      "Examples:",
      "  sheaf session status job7 --servers zk1:2181",
      "  sheaf session status job7 --output json | jq .batches"
    })
final class StatusCommand extends SessionVerb {
  StatusCommand(Context context) {
    super(context);
  }

  @Override
  public Integer call() {
    Settings settings = settings();
    String session = settings.get(Keys.SESSION);
    SessionStatus status;
    try (Tree tree = Tree.connect(TreeOptions.of(settings))) {
      status = SessionStatus.read(tree, session);
    }
    if (isJson()) {
      Json.print(out(), status);
    } else {
      print(status);
    }
    return ExitStatus.DONE;
  }

  private void print(SessionStatus s) {
    String state = s.state().name().toLowerCase(Locale.ROOT);
    out().println("session " + s.session() + ": " + state + ", base " + s.base());
    out().println("leader: " + (s.leader() == null ? "none" : s.leader()));
    out().println("POSIX locks: " + locks(s.locks()));
    members("worker", s.workers());
    members("coordinator", s.coordinators());
    out().println("merged: " + throughput(s));
    out()
        .println(
            "backlog: "
                + Text.count(s.batches(), "batch")
                + " for "
                + Text.count(s.backlog().size(), "archive")
                + ", "
                + Text.bytes(s.bytes()));
    backlog(s);
    s.unmergeable().forEach((archive, why) -> out().println("not merged: " + archive + ": " + why));
    s.quotas().forEach(this::quota);
    s.gaps().forEach(gap -> out().println("gap: " + gap));
    s.quarantine().forEach(f -> out().println("quarantine: " + f.path() + ": " + f.reason()));
  }

  private void quota(QuotaStatus q) {
    String bytes = q.maxBytes() == 0 ? "" : " of " + Text.bytes(q.maxBytes());
    String entries = q.maxEntries() == 0 ? "" : " of " + Text.count(q.maxEntries());
    out()
        .println(
            "quota of "
                + q.subject()
                + ": "
                + Text.bytes(q.bytes())
                + bytes
                + ", "
                + Text.count(q.entries())
                + entries
                + " entries used");
  }

  private static String locks(LockSupport locks) {
    return switch (locks) {
      case UNKNOWN -> "not tried yet";
      case WORK -> "work";
      case NODE_LOCAL -> "WORK ONLY WITHIN A NODE: see the log of a coordinator";
      case NONE -> "DO NOT WORK: see the log of a coordinator";
    };
  }

  private void members(String role, List<MemberRecord> members) {
    out().println(Text.count(members.size(), role) + (members.isEmpty() ? "" : ":"));
    for (MemberRecord m : members) {
      out().println("  " + m.id() + (m.socket() == null ? "" : "  " + m.socket()));
    }
  }

  private static String throughput(SessionStatus s) {
    return Text.count(sum(s, "entries"), "entry")
        + " in "
        + Text.count(sum(s, "merges"), "merge")
        + ", "
        + Text.bytes(sum(s, "bytes"))
        + "; now "
        + Text.count(sum(s, "entries_per_second"))
        + " entries/s, "
        + Text.bytes(sum(s, "bytes_per_second"))
        + "/s";
  }

  private static long sum(SessionStatus s, String name) {
    return s.stats().values().stream().mapToLong(v -> v.getOrDefault(name, 0L)).sum();
  }

  private void backlog(SessionStatus s) {
    if (s.backlog().isEmpty()) {
      return;
    }
    Text.Table table = new Text.Table("  archive", "#batches", "#entries", "#bytes", "#oldest");
    long now = System.currentTimeMillis();
    for (SessionStatus.Backlog b : s.backlog()) {
      table.row(
          "  " + b.archive(),
          Text.count(b.batches()),
          Text.count(b.entries()),
          Text.bytes(b.bytes()),
          Text.interval(Duration.ofMillis(Math.max(0, now - b.oldest()))));
    }
    table.print(out());
  }
}
