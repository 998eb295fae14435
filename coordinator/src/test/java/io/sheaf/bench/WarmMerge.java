package io.sheaf.bench;

import io.sheaf.archive.Consolidator;
import io.sheaf.archive.MergeOutcome;
import io.sheaf.archive.MergePolicy;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.Inbox;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.conf.Duplicates;
import io.sheaf.disk.Disk;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The merging part of a coordinator, without ZooKeeper. Threads and what a {@link Consolidator}
 * keeps of an archive stay from one merge to the next.
 */
final class WarmMerge {
  private final Disk disk;
  private final Map<Integer, ExecutorService> pools = new HashMap<>();
  private final Map<String, Kept> consolidators = new HashMap<>();

  WarmMerge(Disk disk) {
    this.disk = disk;
  }

  private record Kept(BaseDirectory base, CommitStrategy strategy, Consolidator consolidator) {}

  /** Merges everything that is pending; returns the seconds that it took, and the entries. */
  String run(BaseDirectory base, CommitStrategy strategy, int threads) throws Exception {
    Consolidator consolidator = consolidator(base, strategy);
    ExecutorService pool = pools.computeIfAbsent(threads, Executors::newFixedThreadPool);
    long start = System.nanoTime();
    List<Future<MergeOutcome>> merges = new ArrayList<>();
    for (String archive : new Inbox(disk, base).archives().keySet()) {
      merges.add(pool.submit(() -> consolidator.merge(archive, List.of(), () -> {})));
    }
    long entries = 0;
    for (Future<MergeOutcome> merge : merges) {
      MergeOutcome outcome = merge.get();
      if (!outcome.quarantined().isEmpty()) {
        throw new IllegalStateException("in quarantine: " + outcome.quarantined());
      }
      entries += outcome.entries();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return String.format(Locale.ROOT, "%.6f %d", seconds, entries);
  }

  /** Of each directory the last one: a base that was made anew under its name is another. */
  private Consolidator consolidator(BaseDirectory base, CommitStrategy strategy) {
    Kept kept = consolidators.get(base.root().toString());
    if (kept == null || !kept.base().equals(base) || kept.strategy() != strategy) {
      MergePolicy policy = MergePolicy.simple(Duplicates.ALL).with(strategy);
      kept =
          new Kept(
              base,
              strategy,
              new Consolidator(
                  disk, base, policy, "bench-1-merger", Batches.SESSION, Clock.systemUTC()));
      consolidators.put(base.root().toString(), kept);
    }
    return kept.consolidator();
  }
}
