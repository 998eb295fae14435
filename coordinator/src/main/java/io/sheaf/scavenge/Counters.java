package io.sheaf.scavenge;

import io.sheaf.archive.MergeOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** What one coordinator did since it started. */
final class Counters {
  /** More than a person reads, and far less than a znode holds. */
  private static final int MOST_GAPS = 1_000;

  private final List<String> gaps = new ArrayList<>();
  private final LongAdder merges = new LongAdder();
  private final LongAdder batches = new LongAdder();
  private final LongAdder entries = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder quarantined = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder salvaged = new LongAdder();
  private final LongAdder deferred = new LongAdder();
  private final LongAdder found = new LongAdder();

  void merged(MergeOutcome outcome) {
    gaps(outcome);
    if (outcome.settled().isEmpty() && outcome.quarantined().isEmpty()) {
      return;
    }
    merges.increment();
    batches.add(outcome.settled().size());
    entries.add(outcome.entries());
    bytes.add(outcome.bytes());
    quarantined.add(outcome.quarantined().size());
  }

  private synchronized void gaps(MergeOutcome outcome) {
    for (String gap : outcome.gaps()) {
      if (gaps.size() < MOST_GAPS) {
        gaps.add(outcome.archive() + ": " + gap);
      }
    }
  }

  /** Gaps in the sequence of workers that were passed over, a line each; the first ones. */
  synchronized List<String> gaps() {
    return List.copyOf(gaps);
  }

  void failed() {
    failures.increment();
  }

  /** An archive was left alone because a merge is not worth it yet. */
  void deferred() {
    deferred.increment();
  }

  /** A batch of a dead worker was salvaged. */
  void salvaged() {
    salvaged.increment();
  }

  /** A batch that nobody had published was found in the inbox. */
  void found() {
    found.increment();
  }

  long merges() {
    return merges.sum();
  }

  SortedMap<String, Long> values() {
    SortedMap<String, Long> values = new TreeMap<>();
    values.put("merges", merges.sum());
    values.put("batches", batches.sum());
    values.put("entries", entries.sum());
    values.put("bytes", bytes.sum());
    values.put("quarantined", quarantined.sum());
    values.put("failures", failures.sum());
    values.put("salvaged", salvaged.sum());
    values.put("deferred", deferred.sum());
    values.put("found", found.sum());
    return values;
  }
}
