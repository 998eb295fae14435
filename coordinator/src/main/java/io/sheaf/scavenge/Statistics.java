package io.sheaf.scavenge;

import io.sheaf.tree.LockSupport;
import io.sheaf.tree.StatsRecord;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Tells a coordinator's counters, with the rates since it told them before. */
final class Statistics {
  private final Coordination in;
  private final Counters counters;
  private final MergeRate rate;
  private SortedMap<String, Long> before;
  private long beforeAt;
  private Map<String, Long> end = Map.of();
  private LockSupport locks = LockSupport.UNKNOWN;
  private StatsRecord told = StatsRecord.of(0, Map.of());

  Statistics(Coordination in, Counters counters, MergeRate rate) {
    this.in = in;
    this.counters = counters;
    this.rate = rate;
    this.before = counters.values();
    this.beforeAt = in.nanoTime().getAsLong();
  }

  /** What was found that locks are worth; told with the next. */
  synchronized void locks(LockSupport found) {
    locks = found;
  }

  /** What is told of the end of this coordinator's job. */
  synchronized void end(Map<String, Long> told) {
    end = told;
  }

  synchronized LockSupport knownLocks() {
    return locks;
  }

  /** Writes them down if they have changed. */
  synchronized void tell(Map<String, String> notes) {
    long now = in.nanoTime().getAsLong();
    SortedMap<String, Long> values = counters.values();
    SortedMap<String, Long> all = new TreeMap<>(values);
    all.put("entries_per_second", rate(values, "entries", now));
    all.put("bytes_per_second", rate(values, "bytes", now));
    all.putAll(rate.values());
    all.putAll(end);
    before = values;
    beforeAt = now;
    StatsRecord next =
        StatsRecord.of(in.clock().millis(), all, notes).withGaps(counters.gaps()).withLocks(locks);
    if (!next.saysTheSameAs(told)) {
      in.tree().putStats(in.session(), in.id(), next);
      told = next;
    }
  }

  private long rate(Map<String, Long> values, String name, long now) {
    long grown = values.getOrDefault(name, 0L) - before.getOrDefault(name, 0L);
    long nanos = Math.max(1, now - beforeAt);
    return Math.round(grown * (double) TimeUnit.SECONDS.toNanos(1) / nanos);
  }
}
