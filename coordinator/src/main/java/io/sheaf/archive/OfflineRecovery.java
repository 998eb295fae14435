package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.Incoming;
import io.sheaf.batch.MixedFiles;
import io.sheaf.batch.OpenPart;
import io.sheaf.batch.Quarantine;
import io.sheaf.batch.Salvager;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.InDirectory;
import io.sheaf.tree.PendingBatch;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Brings a base directory to rest without ZooKeeper: what dead workers left open is salvaged, what
 * a crash left of a merge is finished or undone, and every closed batch is merged.
 *
 * <p>It holds the POSIX lock of an archive while it works on it, as coordinators do, and passes
 * over those that somebody else holds: so it is safe beside a session that is alive. Doing it again
 * changes nothing.
 */
public final class OfflineRecovery {
  /** What ledgers and salvaged batches name as the session that did it. */
  private static final String SESSION = "recover";

  private final Disk disk;
  private final BaseDirectory base;
  private final Inbox inbox;
  private final Incoming incoming;
  private final Consolidator consolidator;
  private final Salvager salvager;
  private final Leftovers leftovers;
  private final Quarantine quarantine;
  private final QuarantineRetry retry;
  private final String session;

  /**
   * What is to be done beside the usual.
   *
   * @param threads archives that are merged at a time
   * @param retryQuarantine whether what was repaired in quarantine is taken back
   * @param accept archives that are taken as they are, if they are not as their ledgers say
   */
  public record Options(int threads, boolean retryQuarantine, Set<String> accept) {
    public static Options of(int threads) {
      return new Options(threads, false, Set.of());
    }
  }

  /** What is told while it goes on, by any thread. */
  public interface Progress {
    /** So many of the archives are done. */
    void archive(int done, int of, RecoveryReport.Archive last);
  }

  /**
   * @param by who recovers, {@code <host>-<pid>-<incarnation>}
   */
  public OfflineRecovery(
      Disk disk, BaseDirectory base, MergePolicy policy, String by, Clock clock) {
    this(disk, base, policy, by, SessionTotals.key(SESSION, clock.millis()), clock);
  }

  /**
   * As {@link #OfflineRecovery(Disk, BaseDirectory, MergePolicy, String, Clock)}, for a session
   * that nobody serves any more.
   *
   * @param totals under which the ledgers count what is merged: {@link SessionTotals#key}
   */
  public OfflineRecovery(
      Disk disk, BaseDirectory base, MergePolicy policy, String by, String totals, Clock clock) {
    this(disk, base, policy, by, totals, clock, new MixedFiles(disk, base));
  }

  /**
   * As {@link #OfflineRecovery(Disk, BaseDirectory, MergePolicy, String, Clock)}, with what was
   * read of batches of several archives already.
   */
  public OfflineRecovery(
      Disk disk, BaseDirectory base, MergePolicy policy, String by, Clock clock, MixedFiles mixed) {
    this(disk, base, policy, by, SessionTotals.key(SESSION, clock.millis()), clock, mixed);
  }

  private OfflineRecovery(
      Disk disk,
      BaseDirectory base,
      MergePolicy policy,
      String by,
      String totals,
      Clock clock,
      MixedFiles mixed) {
    this.disk = disk;
    this.base = base;
    this.session = SessionTotals.nameOf(totals);
    this.incoming = new Incoming(disk, base);
    this.consolidator = new Consolidator(disk, base, policy, by, totals, clock, mixed);
    this.inbox = new Inbox(disk, base, consolidator.mixed().files());
    this.quarantine = new Quarantine(disk, base);
    this.retry = new QuarantineRetry(disk, base, policy, session, clock);
    this.leftovers = new Leftovers(disk, base);
    this.salvager = new Salvager(disk, base, by, clock);
  }

  /**
   * Does all there is to do. Trouble with one archive is in the report and stops no other.
   *
   * @throws IOException when the base directory cannot be read
   */
  public RecoveryReport run(Options options, Progress progress)
      throws IOException, InterruptedException {
    return new Run(options, progress).run();
  }

  /** As {@link #run(Options, Progress)}, the usual alone. */
  public RecoveryReport run(int threads, Progress progress)
      throws IOException, InterruptedException {
    return run(Options.of(threads), progress);
  }

  /** One run over the base directory. */
  private final class Run {
    private final Options options;
    private final Progress progress;
    private final SortedMap<String, RecoveryReport.Archive> archives =
        new ConcurrentSkipListMap<>();
    private final SortedMap<String, RecoveryReport.Retried> retried = new ConcurrentSkipListMap<>();
    private final Set<String> held = new ConcurrentSkipListSet<>();
    private final AtomicLong salvaged = new AtomicLong();

    Run(Options options, Progress progress) {
      this.options = options;
      this.progress = progress;
    }

    RecoveryReport run() throws IOException, InterruptedException {
      incoming.clean();
      // All is salvaged before anything is merged: a batch may fill a gap in another one's order.
      List<OpenPart> parts = inbox.parts();
      parts.forEach(this::salvage);
      if (options.retryQuarantine()) {
        tell(retry.takeMixed());
      }
      consolidator.mixed().sweep();
      List<String> names = List.copyOf(toDo(options));
      ExecutorService pool =
          Executors.newFixedThreadPool(options.threads(), r -> new Thread(r, "recover"));
      CountDownLatch left = new CountDownLatch(names.size());
      for (String archive : names) {
        pool.execute(
            () -> {
              try {
                done(archived(archive), names.size());
              } finally {
                left.countDown();
              }
            });
      }
      pool.shutdown();
      left.await();
      consolidator.mixed().sweep();
      return report();
    }

    private RecoveryReport report() throws IOException {
      Tidying.Tidied tidied = held.isEmpty() ? tidied() : Tidying.Tidied.NOTHING;
      return new RecoveryReport(
          List.copyOf(archives.values()),
          List.copyOf(retried.values()),
          salvaged.get(),
          List.copyOf(held),
          quarantined(),
          tidied);
    }

    private Tidying.Tidied tidied() throws IOException {
      Tidying tidying = new Tidying(disk, base, Set.of());
      boolean busy =
          archives.values().stream().anyMatch(a -> a.state() == RecoveryReport.State.BUSY);
      return busy || tidying.isSomebodyAlive() ? Tidying.Tidied.NOTHING : tidying.run(() -> {});
    }

    private void done(RecoveryReport.Archive archive, int of) {
      synchronized (progress) {
        archives.put(archive.archive(), archive);
        progress.archive(archives.size(), of, archive);
      }
    }

    private void tell(List<QuarantineRetry.Attempt> attempts) throws IOException {
      for (QuarantineRetry.Attempt attempt : attempts) {
        String path = base.relative(attempt.item().path());
        boolean taken = disk.stat(attempt.item().path()).isEmpty();
        retried.put(path, new RecoveryReport.Retried(path, taken, attempt.said()));
      }
    }

    private void salvage(OpenPart part) {
      try {
        if (retry.isOurs(part)) {
          retry.discard(part);
          return;
        }
        Optional<PendingBatch> batch = salvager.salvage(part, session);
        if (batch.isPresent()) {
          salvaged.incrementAndGet();
        } else if (disk.stat(part.path()).isPresent()) {
          held.add(base.relative(part.path()));
        }
      } catch (IOException e) {
        held.add(base.relative(part.path()) + ": " + e.getMessage());
      }
    }

    private RecoveryReport.Archive archived(String archive) {
      try {
        Optional<DiskLock> lock = InDirectory.tryLock(disk, base.lock(archive));
        if (lock.isEmpty()) {
          return of(archive, RecoveryReport.State.BUSY, "another process has it: a coordinator?");
        }
        try (DiskLock claim = lock.get()) {
          return claimed(archive, claim::ensureValid);
        }
      } catch (IOException | RuntimeException | OutOfMemoryError e) {
        String reason = e instanceof IOException ? e.getMessage() : null;
        return of(archive, RecoveryReport.State.FAILED, reason == null ? e.toString() : reason);
      }
    }

    private RecoveryReport.Archive claimed(String archive, MergeGuard guard) throws IOException {
      List<String> said = List.of();
      if (options.accept().contains(archive)) {
        said = new Acceptance(disk, base).accept(archive, guard);
      }
      List<QuarantineRetry.Attempt> attempts = List.of();
      if (options.retryQuarantine()) {
        attempts = retry.take(new Recovery(disk, base).recover(archive, guard));
      }
      Gaps gaps = held.isEmpty() ? Gaps.PASS : Gaps.WAIT;
      MergeOutcome outcome = consolidator.merge(archive, List.of(), gaps, guard);
      if (options.retryQuarantine()) {
        retry.settle(archive, attempts, outcome);
      }
      tell(attempts);
      leftovers.clean(archive);
      leftovers.cleanInbox(archive);
      return of(outcome, said);
    }
  }

  /** The archives that have anything in their inbox, and those that a merge was begun for. */
  private Set<String> toDo(Options options) throws IOException {
    Set<String> names = new TreeSet<>();
    for (Map.Entry<String, List<String>> found : inbox.archives().entrySet()) {
      if (!inbox.closed(found.getKey()).isEmpty()) {
        names.add(found.getKey());
      } else if (found.getValue().isEmpty()) {
        leftovers.cleanInbox(found.getKey());
      }
    }
    for (PendingBatch part : consolidator.mixed().pending()) {
      names.add(part.manifest().archive());
    }
    names.addAll(leftovers.archives());
    names.addAll(options.accept());
    if (options.retryQuarantine()) {
      quarantine.items().stream()
          .map(Quarantine.Item::archive)
          .filter(archive -> archive.endsWith(".zip"))
          .forEach(names::add);
    }
    return names;
  }

  private static RecoveryReport.Archive of(MergeOutcome outcome, List<String> said) {
    return new RecoveryReport.Archive(
        outcome.archive(),
        outcome.held() > 0 ? RecoveryReport.State.WAITING : RecoveryReport.State.MERGED,
        outcome.epoch(),
        outcome.settled().size(),
        outcome.entries(),
        outcome.bytes(),
        outcome.held(),
        outcome.gaps(),
        outcome.rolled(),
        said,
        null);
  }

  private static RecoveryReport.Archive of(
      String archive, RecoveryReport.State state, String problem) {
    return new RecoveryReport.Archive(
        archive, state, 0, 0, 0, 0, 0, List.of(), List.of(), List.of(), problem);
  }

  private List<VerifyReport.Quarantined> quarantined() throws IOException {
    List<VerifyReport.Quarantined> found = new ArrayList<>();
    for (Quarantine.Item item : quarantine.items()) {
      found.add(new VerifyReport.Quarantined(base.relative(item.path()), item.reason()));
    }
    return found;
  }
}
