package io.sheaf.scavenge;

import io.sheaf.archive.ArchiveDisagreesException;
import io.sheaf.archive.Consolidator;
import io.sheaf.archive.MergeOutcome;
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
  private final Consolidator consolidator;
  private final Counters counters;
  private final ArchiveQueue queue;
  private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean abandon;

  Scavenger(Coordination in, Consolidator consolidator, PendingIndex index, Counters counters) {
    this.in = in;
    this.consolidator = consolidator;
    this.counters = counters;
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
      }
    }
    queue.changed();
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

  /** While paused no archive is taken; a merge in flight ends at its next check of the claim. */
  void pause(boolean pause) {
    queue.pause(pause);
  }

  /** The archives that this coordinator could not merge when it tried last. */
  SortedMap<String, Trouble> troubles() {
    return new TreeMap<>(troubles);
  }

  private void run() {
    try {
      for (Optional<String> next = queue.take(); next.isPresent(); next = queue.take()) {
        Result result = Result.FAILED;
        try {
          result = attempt(next.get());
        } finally {
          queue.done(next.get(), result);
        }
      }
    } catch (InterruptedException e) {
      // Only close() interrupts: the coordinator leaves.
      Thread.currentThread().interrupt();
    }
  }

  private Result attempt(String archive) {
    try (ClaimHolder claim = claim(archive)) {
      if (claim.isEmpty()) {
        return Result.CLAIMED;
      }
      mergeUnder(claim.get(), archive);
      troubles.remove(archive);
      return Result.MERGED;
    } catch (ClaimInDoubtException | TreeUnreachableException | ClaimLostException e) {
      LOG.info("{}: abandoned, will be tried again: {}", archive, e.getMessage());
      return Result.ABANDONED;
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

  private ClaimHolder claim(String archive) throws IOException {
    return new ClaimHolder(
        Claim.tryTake(in.tree(), in.disk(), in.base(), archive, in.id(), () -> abandon));
  }

  private void mergeUnder(Claim claim, String archive) throws IOException {
    List<PendingBatch> published = in.tree().pending(in.session(), ArchiveKey.of(archive));
    MergeOutcome outcome = consolidator.merge(archive, published, claim);
    counters.merged(outcome);
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
    settleMissing(archive, outcome.missing());
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

  private Result failed(String archive, Throwable e, boolean lasting) {
    counters.failed();
    String reason = e.getMessage() == null ? e.toString() : e.getMessage();
    Trouble before = troubles.get(archive);
    troubles.put(archive, new Trouble(reason, before == null ? 1 : before.attempts() + 1, lasting));
    if (before == null || !before.reason().equals(reason)) {
      LOG.warn("{}: not merged, will be tried again: {}", archive, reason);
    }
    return Result.FAILED;
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
