package io.sheaf.scavenge;

import io.sheaf.archive.MergePolicy;
import io.sheaf.archive.OfflineRecovery;
import io.sheaf.archive.RecoveryReport;
import io.sheaf.archive.SessionTotals;
import io.sheaf.archive.Tidying;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.OpenSession;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.InDirectory;
import io.sheaf.scavenge.SessionSummary.Blocked;
import io.sheaf.tree.FailedBatch;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.Role;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.StatsRecord;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeConflictException;
import io.sheaf.worker.Survivors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a session whose members are all dead: salvages what they had open, merges what is pending
 * under the session's own parameters, writes the summary and removes the session from ZooKeeper. It
 * works on the files, under their POSIX locks, so it needs nothing of ZooKeeper and waits for no
 * time-out there. A crash in it leaves the session as dead as before: it is done again.
 */
public final class SessionCleaning {
  private static final long LOOK_MILLIS = 200;

  private final Disk disk;
  private final BaseDirectory base;
  private final @Nullable Tree tree;
  private final String by;
  private final Clock clock;
  private final OpenSession known;

  /**
   * @param tree where the session may be known; null when there is no ZooKeeper any more
   * @param by who cleans up, {@code <host>-<pid>-<incarnation>}
   */
  public SessionCleaning(
      Disk disk, BaseDirectory base, @Nullable Tree tree, String by, Clock clock) {
    this.disk = disk;
    this.base = base;
    this.tree = tree;
    this.by = by;
    this.clock = clock;
    this.known = new OpenSession(disk, base);
  }

  /**
   * What came of it.
   *
   * @param report empty when the session was closed already and only its rest was removed
   */
  public record Result(SessionSummary summary, Optional<RecoveryReport> report) {}

  /**
   * The session as ZooKeeper knows it, or as the base directory does; empty when neither knows one
   * that is not closed and removed.
   */
  public Optional<SessionRecord> find(String session) throws IOException {
    Optional<SessionRecord> there = tree == null ? Optional.empty() : tree.session(session);
    return there.isPresent() ? there : known.find(session);
  }

  /** The members that are alive. */
  public List<String> alive(String session) throws IOException {
    return new Survivors(disk, base).of(session, registered(session));
  }

  private Collection<MemberRecord> registered(String session) {
    List<MemberRecord> members = new ArrayList<>();
    if (tree != null) {
      for (Role role : Role.values()) {
        members.addAll(tree.members(session, role));
      }
    }
    return members;
  }

  /**
   * Cleans up.
   *
   * @param threads archives that are merged at a time
   * @param patience how long to wait for archives that others are at work on, and for another who
   *     cleans up
   * @throws MembersAliveException when somebody serves the session
   * @throws NoSuchSessionException when there is nothing of it
   */
  public Result run(
      String session, int threads, Duration patience, OfflineRecovery.Progress progress)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    Result result = alone(session, threads, end, progress);
    new Tidying(disk, base, Set.of()).run(() -> {});
    return result;
  }

  private Result alone(String session, int threads, long end, OfflineRecovery.Progress progress)
      throws IOException, InterruptedException {
    try (DiskLock alone = lock(end)) {
      // Only now: whoever had the lock may have cleaned up, and a new session have begun.
      SessionRecord record =
          find(session).orElseThrow(() -> new NoSuchSessionException(session, null));
      requireThisBase(record);
      List<String> alive = alive(session);
      if (!alive.isEmpty()) {
        throw new MembersAliveException(session, alive);
      }
      Optional<SessionSummary> written =
          record.state() == SessionState.CLOSED
              ? SessionSummary.read(disk, base, session, record.created())
              : Optional.empty();
      Result result =
          written.isPresent()
              ? new Result(written.get(), Optional.empty())
              : finish(record, threads, end, progress);
      alone.ensureValid();
      remove(record);
      disk.delete(lockFile());
      return result;
    }
  }

  private Path lockFile() {
    return base.lock(".cleaning");
  }

  private DiskLock lock(long end) throws IOException, InterruptedException {
    while (true) {
      Optional<DiskLock> lock = InDirectory.tryLock(disk, lockFile());
      if (lock.isPresent()) {
        return lock.get();
      }
      if (System.nanoTime() - end >= 0) {
        throw new IOException("somebody else cleans up in " + base.root() + ": try again later");
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  private void requireThisBase(SessionRecord record) {
    if (!record.baseId().equals(base.id())) {
      throw new TreeConflictException(
          "session "
              + record.name()
              + " works on the base directory "
              + record.base()
              + ", not on "
              + base.root()
              + ": give that one with --base",
          null);
    }
  }

  private Result finish(
      SessionRecord record, int threads, long end, OfflineRecovery.Progress progress)
      throws IOException, InterruptedException {
    long begun = clock.millis();
    Settings settings = Settings.builder().build().underSession(record.name(), record.parameters());
    OfflineRecovery recovery =
        new OfflineRecovery(
            disk,
            base,
            MergePolicy.of(settings),
            by,
            SessionTotals.key(record.name(), record.created()),
            clock);
    List<String> gaps = new ArrayList<>();
    RecoveryReport report = recovery.run(threads, progress);
    report.archives().forEach(a -> a.gaps().forEach(gap -> gaps.add(a.archive() + ": " + gap)));
    while (isBusy(report) && System.nanoTime() - end < 0) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      report = recovery.run(threads, progress);
      report.archives().forEach(a -> a.gaps().forEach(gap -> gaps.add(a.archive() + ": " + gap)));
    }
    gaps.addAll(toldGaps(record.name()));
    SessionSummary summary =
        SessionSummary.of(
            disk,
            base,
            record,
            new SessionSummary.Closing(begun, clock.millis(), by),
            gaps,
            Notes.together(
                Notes.inQuarantine(disk, base, record.created()), toldFailures(record.name())),
            blocked(report));
    summary.write(disk, base);
    return new Result(summary, Optional.of(report));
  }

  private static boolean isBusy(RecoveryReport report) {
    return report.archives().stream().anyMatch(a -> a.state() == RecoveryReport.State.BUSY);
  }

  private List<String> toldGaps(String session) {
    return tree == null
        ? List.of()
        : tree.stats(session).values().stream()
            .map(StatsRecord::gaps)
            .flatMap(List::stream)
            .toList();
  }

  private List<FailedBatch> toldFailures(String session) {
    return tree == null ? List.of() : tree.failed(session);
  }

  private static List<Blocked> blocked(RecoveryReport report) {
    return report.archives().stream()
        .filter(a -> a.state() != RecoveryReport.State.MERGED)
        .map(
            a ->
                new Blocked(
                    a.archive(),
                    a.held(),
                    a.problem() == null ? "its batches wait for earlier ones" : a.problem()))
        .toList();
  }

  /** The summary is durable: from here on nothing is missed. */
  private void remove(SessionRecord record) throws IOException {
    if (tree != null) {
      tree.deleteSession(record.name());
    }
    new Survivors(disk, base).forgetDead(record.name());
    known.forget(record.name());
  }
}
