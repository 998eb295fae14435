package io.sheaf.scavenge;

import io.sheaf.archive.ArchiveDisagreesException;
import io.sheaf.archive.Consolidator;
import io.sheaf.archive.Gaps;
import io.sheaf.archive.MergeGuard;
import io.sheaf.archive.MergeOutcome;
import io.sheaf.batch.BaseGoneException;
import io.sheaf.batch.Quarantine;
import io.sheaf.scavenge.ArchiveQueue.Result;
import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.ClaimLostException;
import io.sheaf.tree.PendingArchive;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.PendingIndex;
import io.sheaf.tree.TreeException;
import io.sheaf.tree.TreeUnreachableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges archives: takes one from the queue, claims it, has its pending batches merged, removes
 * their manifests and lets go. Trouble with one archive is noted and never stops the others.
 */
final class Scavenger implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Scavenger.class);

  /** How long merges in flight may take to end once the coordinator leaves. */
  private static final Duration FINISH = Duration.ofSeconds(20);

  private final Coordination in;
  private final Deaths deaths;
  private final Consolidator consolidator;
  private final Consolidator cautious;
  private final Locking locking;
  private final Counters counters;
  private final MergeRate rate;
  private final MergeTiming timing;
  private final GapWaits waits;
  private final Refusals refusals;
  private final Runnable tellStats;
  private final ArchiveQueue queue;
  private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private final Set<Pause> pauses = EnumSet.noneOf(Pause.class);
  private volatile boolean abandon;
  private volatile boolean draining;

  /**
   * @param cautious merges where POSIX locks are worth too little
   * @param tellStats writes down what the counters hold, before anybody relies on its being known
   */
  Scavenger(
      Coordination in,
      Deaths deaths,
      Consolidator consolidator,
      Consolidator cautious,
      Locking locking,
      PendingIndex index,
      Counters counters,
      MergeRate rate,
      MergeTiming timing,
      GapWaits waits,
      Runnable tellStats) {
    this.in = in;
    this.deaths = deaths;
    this.consolidator = consolidator;
    this.cautious = cautious;
    this.locking = locking;
    this.counters = counters;
    this.rate = rate;
    this.timing = timing;
    this.waits = waits;
    this.refusals = new Refusals(in);
    this.tellStats = tellStats;
    this.queue = new ArchiveQueue(in.id(), () -> pending(index), in.nanoTime());
    index.onChange(names -> changed(index, names));
  }

  private static Map<String, Integer> pending(PendingIndex index) {
    return index.archives().stream()
        .collect(
            Collectors.toMap(
                PendingArchive::archive,
                a -> (int) Math.min(a.batches(), Integer.MAX_VALUE),
                (a, b) -> a));
  }

  private void changed(PendingIndex index, Set<String> names) {
    for (String name : names) {
      if (index.archive(name).isEmpty()) {
        troubles.remove(name); // Another coordinator has merged it.
        waits.settled(name);
        timing.settled(name);
      }
    }
    queue.changed(names);
  }

  void start(int mergeThreads) {
    for (int i = 1; i <= mergeThreads; i++) {
      Thread thread = new Thread(this::run, "merge-" + i);
      threads.add(thread);
      thread.start();
    }
  }

  /** Says who shares the work. */
  void coordinators(Collection<String> live) {
    queue.coordinators(live);
  }

  /**
   * Begins or ends a pause for one reason. While there is any no archive is taken; a merge in
   * flight ends at its next check of the claim.
   */
  void pause(Pause reason, boolean pause) {
    synchronized (pauses) {
      if (pause ? pauses.add(reason) : pauses.remove(reason)) {
        queue.pause(!pauses.isEmpty());
      }
    }
  }

  /** The session is drained: from now on, and at each change of who works in it, none waits. */
  void drain() {
    draining = true;
    queue.hurry();
  }

  /** What is said of archives that are not merged now, by archive. */
  SortedMap<String, String> notes() {
    SortedMap<String, String> notes = new TreeMap<>(waits.notes());
    troubles.forEach((archive, trouble) -> notes.put(archive, trouble.reason()));
    return notes;
  }

  /** The archives that this coordinator could not merge when it tried last. */
  SortedMap<String, Trouble> troubles() {
    return new TreeMap<>(troubles);
  }

  private void run() {
    try {
      for (Optional<String> next = queue.take(); next.isPresent(); next = queue.take()) {
        Attempt result = Attempt.of(Result.FAILED);
        try {
          result = attempt(next.get());
        } finally {
          queue.done(next.get(), result.result(), result.pause());
        }
      }
    } catch (InterruptedException e) {
      // Only close() interrupts: the coordinator leaves.
      Thread.currentThread().interrupt();
    }
  }

  /** What came of an archive, and how long it is to be left alone. */
  private record Attempt(Result result, Duration pause) {
    static Attempt of(Result result) {
      return new Attempt(result, Duration.ZERO);
    }
  }

  private Attempt attempt(String archive) {
    try {
      if (refusals.isRefused(archive)) {
        return Attempt.of(Result.MERGED);
      }
      Duration delay = delay(archive);
      return delay.isZero() ? claimed(archive) : deferred(delay);
    } catch (ClaimInDoubtException
        | TreeUnreachableException
        | ClaimLostException
        | BaseGoneException e) {
      LOG.info("{}: abandoned, will be tried again: {}", archive, e.getMessage());
      return Attempt.of(Result.ABANDONED);
    } catch (ArchiveDisagreesException e) {
      return failed(archive, e, true);
    } catch (IOException | TreeException e) {
      return failed(archive, e, false);
    } catch (RuntimeException | OutOfMemoryError e) {
      // A mistake of ours in one archive must not end the thread that serves all others.
      LOG.error("{}: internal error, will be tried again", archive, e);
      return failed(archive, e, false);
    }
  }

  private Duration delay(String archive) throws IOException {
    return draining ? Duration.ZERO : timing.delay(archive);
  }

  private Attempt deferred(Duration delay) {
    counters.deferred();
    return new Attempt(Result.DEFERRED, delay);
  }

  private Attempt claimed(String archive) throws IOException {
    boolean alone = locking.isBroken();
    try (ClaimHolder claim = claim(archive, alone)) {
      if (claim.isEmpty()) {
        return Attempt.of(isFreedOfTheDead(archive) ? Result.ABANDONED : Result.CLAIMED);
      }
      // Another may have merged it since it was looked at.
      Duration delay = delay(archive);
      if (!delay.isZero()) {
        return deferred(delay);
      }
      Duration wait = mergeUnder(claim.get(), archive, alone ? cautious : consolidator);
      troubles.remove(archive);
      return new Attempt(wait.isZero() ? Result.MERGED : Result.HELD, wait);
    }
  }

  private ClaimHolder claim(String archive, boolean alone) throws IOException {
    return new ClaimHolder(
        Claim.tryTake(in.tree(), in.disk(), in.base(), archive, in.id(), () -> abandon, alone));
  }

  /** ZooKeeper keeps the claim of a coordinator that has died for as long as its session. */
  private boolean isFreedOfTheDead(String archive) throws IOException {
    ArchiveKey key = ArchiveKey.of(archive);
    Optional<String> holder =
        deaths.areSeen() ? in.tree().claimHolder(in.base().id(), key) : Optional.empty();
    if (holder.isEmpty()) {
      return false;
    }
    String id = holder.get();
    return deaths.settled(
        id, "the claim on " + archive, () -> in.tree().retireClaim(in.base().id(), key, id));
  }

  /** Merges; says how long to leave the archive alone when some of it has to wait. */
  private Duration mergeUnder(Claim claim, String archive, Consolidator by) throws IOException {
    List<PendingBatch> published = refusals.trusted(archive);
    MergeGuard guard =
        () -> {
          in.watch().check();
          claim.ensureValid();
        };
    MergeOutcome outcome = timed(() -> by.merge(archive, published, Gaps.WAIT, guard));
    settle(archive, outcome);
    if (outcome.held() > 0 && draining && waits.nothingMoreComes(archive)) {
      outcome = timed(() -> by.merge(archive, published, Gaps.PASS, guard));
      settle(archive, outcome);
    }
    settleMissing(archive, outcome.missing());
    return waits.after(outcome, published);
  }

  private interface Merging {
    MergeOutcome merge() throws IOException;
  }

  private MergeOutcome timed(Merging merging) throws IOException {
    long bytes = 0;
    rate.begin();
    try {
      MergeOutcome outcome = merging.merge();
      bytes = outcome.bytes();
      return outcome;
    } finally {
      rate.end(bytes);
    }
  }

  private void settle(String archive, MergeOutcome outcome) {
    counters.merged(outcome);
    timing.merged(outcome);
    if (!outcome.gaps().isEmpty()) {
      outcome.gaps().forEach(gap -> LOG.warn("{}: {}", archive, gap));
      tellStats.run(); // Before the batches are gone from ZooKeeper, which may end the session.
    }
    for (Quarantine.Item item : outcome.quarantined()) {
      LOG.warn("{}: in quarantine: {}: {}", archive, item.path(), item.reason());
      in.tree().reportFailed(in.session(), Notes.of(in, item));
    }
    for (MergeOutcome.Settled batch : outcome.settled()) {
      in.tree().consumed(in.session(), archive, batch.worker(), batch.seq());
    }
    if (outcome.entries() > 0) {
      LOG.info(
          "{}: {} batches, {} entries, {} bytes merged at epoch {}",
          archive,
          outcome.settled().size(),
          outcome.entries(),
          outcome.bytes(),
          outcome.epoch());
    }
  }

  /** A published batch whose file is not there is in quarantine, on its way, or lost. */
  private void settleMissing(String archive, List<PendingBatch> missing) throws IOException {
    for (PendingBatch batch : missing) {
      Path name = in.base().root().resolve(batch.path()).getFileName();
      Path kept = in.base().quarantine(archive).resolve(String.valueOf(name));
      if (in.disk().stat(kept).isEmpty()) {
        throw new IOException(
            batch.path()
                + " is published but is not there, or not whole yet; if it was moved, put it back"
                + " under the same name");
      }
      in.tree().consumed(in.session(), archive, batch.manifest().worker(), batch.manifest().seq());
    }
  }

  private Attempt failed(String archive, Throwable e, boolean lasting) {
    if (isBaseAway()) {
      // Whatever was wrong, it says nothing about the archive.
      return Attempt.of(Result.ABANDONED);
    }
    counters.failed();
    String reason = e.getMessage() == null ? e.toString() : e.getMessage();
    Trouble before = troubles.get(archive);
    troubles.put(archive, new Trouble(reason, before == null ? 1 : before.attempts() + 1, lasting));
    if (before == null || !before.reason().equals(reason)) {
      LOG.warn("{}: not merged, will be tried again: {}", archive, reason);
    }
    return Attempt.of(Result.FAILED);
  }

  private boolean isBaseAway() {
    try {
      in.watch().check();
      return false;
    } catch (BaseGoneException e) {
      return true;
    }
  }

  /** Lets merges in flight finish for a while, then has them abandoned before their commit. */
  @Override
  public void close() {
    queue.close();
    long end = System.nanoTime() + FINISH.toNanos();
    boolean interrupted = false;
    for (Thread thread : threads) {
      try {
        long left = end - System.nanoTime();
        if (left > 0) {
          TimeUnit.NANOSECONDS.timedJoin(thread, left);
        }
        if (thread.isAlive()) {
          abandon = true;
        }
        thread.join(FINISH.toMillis());
      } catch (InterruptedException e) {
        abandon = true;
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets try-with-resources close a claim that may not be there. */
  private record ClaimHolder(Optional<Claim> claim) implements AutoCloseable {
    boolean isEmpty() {
      return claim.isEmpty();
    }

    Claim get() {
      return claim.get();
    }

    @Override
    public void close() throws IOException {
      if (claim.isPresent()) {
        claim.get().close();
      }
    }
  }
}
