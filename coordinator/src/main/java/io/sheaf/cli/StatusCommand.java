package io.sheaf.cli;

import io.sheaf.archive.SessionTotals;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.SystemDisk;
import io.sheaf.session.QuotaStatus;
import io.sheaf.session.SessionStatus;
import io.sheaf.tree.LockSupport;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeUnreachableException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf session status}. */
@Command(
    name = "status",
    description = "Shows the members of a session and what waits to be merged.",
    footer = {
      "",
      "Examples:",
      "  sheaf session status job7 --servers zk1:2181",
      "  sheaf session status job7 -r /shared/out --watch",
      "  sheaf session status job7 --output json | jq .batches"
    })
final class StatusCommand extends SessionVerb {
  /** The cursor to the upper left corner, and everything below it erased (ECMA-48, CUP and ED). */
  private static final String HOME = "\u001b[H\u001b[J";

  StatusCommand(Context context) {
    super(context);
  }

  @Option(names = "--watch", description = "Show it again and again, until the session is closed.")
  private boolean watch;

  @Option(
      names = "--interval",
      paramLabel = "VALUE",
      description = "With --watch, how often (default: ${DEFAULT-VALUE}).")
  private String interval = "2s";

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = settings();
    String session = settings.get(Keys.SESSION);
    Duration pause = Durations.option("--interval", interval);
    SystemDisk disk = new SystemDisk();
    try (Tree tree = Trees.connect(settings, disk)) {
      show(first(disk, tree, settings));
      while (watch) {
        TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        try {
          show(SessionStatus.read(disk, tree, session));
        } catch (NoSuchSessionException e) {
          err().println("sheaf: session " + session + " is closed");
          return ExitStatus.DONE;
        } catch (TreeUnreachableException e) {
          err().println("sheaf: " + e.getMessage());
        }
      }
    }
    return ExitStatus.DONE;
  }

  private static SessionStatus first(SystemDisk disk, Tree tree, Settings settings)
      throws IOException {
    try {
      return SessionStatus.read(disk, tree, settings.get(Keys.SESSION));
    } catch (NoSuchSessionException e) {
      throw ClosedSession.explain(e, settings);
    }
  }

  private void show(SessionStatus status) {
    if (isJson()) {
      Json.print(out(), status);
      return;
    }
    if (watch) {
      out().print(context.terminal() ? HOME : "\n");
    }
    print(status);
    out().flush();
  }

  private void print(SessionStatus s) {
    String state = s.state().name().toLowerCase(Locale.ROOT);
    out().println("session " + s.session() + ": " + state + ", base " + s.base());
    out().println("leader: " + (s.leader() == null ? "none" : s.leader()));
    out().println("POSIX locks: " + locks(s.locks()));
    members("worker", s.workers());
    members("coordinator", s.coordinators());
    s.dead().forEach(id -> out().println("dead: " + id));
    out().println("merged: " + throughput(s));
    SessionTotals merged = s.merged();
    if (merged != null) {
      out().println("archives: " + Text.count(merged.archives()) + " got something");
    }
    out()
        .println(
            "backlog: "
                + Text.count(s.batches(), "batch")
                + " for "
                + Text.count(s.backlog().size(), "archive")
                + ", "
                + Text.bytes(s.bytes())
                + (s.oldest() == 0 ? "" : ", the oldest " + age(s.oldest()) + " old"));
    backlog(s);
    s.paused().forEach((member, why) -> out().println("PAUSED: " + member + ": " + why));
    s.unmergeable().forEach((archive, why) -> out().println("not merged: " + archive + ": " + why));
    s.quotas().forEach(this::quota);
    s.gaps().forEach(gap -> out().println("gap: " + gap));
    s.quarantine().forEach(f -> out().println("quarantine: " + f.path() + ": " + f.reason()));
  }

  private static String age(long closed) {
    return Text.interval(Duration.ofMillis(Math.max(0, System.currentTimeMillis() - closed)));
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
    for (SessionStatus.Backlog b : s.backlog()) {
      table.row(
          "  " + b.archive(),
          Text.count(b.batches()),
          Text.count(b.entries()),
          Text.bytes(b.bytes()),
          age(b.oldest()));
    }
    table.print(out());
  }
}
