package io.sheaf.worker;

import io.sheaf.deposit.QuotaUse;
import io.sheaf.deposit.Quotas;
import io.sheaf.tree.LockSupport;
import io.sheaf.tree.StatsRecord;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeException;
import io.sheaf.tree.UsageRecord;
import io.sheaf.tree.Watch;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what the session wants to know of this worker: what locks are worth here, when its job
 * ends, why it takes nothing now, and what it has taken under the session's quotas; of these it
 * learns what all have taken. Only what has changed is told: use of quotas every two seconds or as
 * seldom as the leader wishes, with many workers that is longer. No deposit waits for it; while
 * ZooKeeper is away the last sums hold.
 */
final class WorkerStats implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WorkerStats.class);

  static final long MIN_INTERVAL_MILLIS = 2_000;

  private final Tree tree;
  private final String session;
  private final String member;
  private final Quotas quotas;
  private final Clock clock;
  private final ScheduledExecutorService teller =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "sheaf-stats");
            thread.setDaemon(true);
            return thread;
          });
  private volatile long interval = MIN_INTERVAL_MILLIS;
  private LockSupport locks = LockSupport.UNKNOWN;
  private Map<String, Long> ends = Map.of();
  private String away = "";
  private StatsRecord told = StatsRecord.of(0, Map.of());
  private @Nullable Watch watch;

  WorkerStats(Tree tree, String session, String member, Quotas quotas, Clock clock) {
    this.tree = tree;
    this.session = session;
    this.member = member;
    this.quotas = quotas;
    this.clock = clock;
  }

  /** Learns once what the session has used, so that a new worker brings no new quota. */
  void learn() {
    if (!quotas.isEmpty()) {
      learned(tree.usage(session));
    }
  }

  /** Begins to tell and to follow what is used. */
  synchronized void start() {
    if (!quotas.isEmpty()) {
      watch = tree.watchUsage(session, this::learned);
      tellLater();
    }
  }

  private void tellLater() {
    try {
      var unused = teller.schedule(this::tellAndGoOn, interval, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("closed"); // The worker leaves.
    }
  }

  private void tellAndGoOn() {
    tellQuietly();
    tellLater();
  }

  private void tellQuietly() {
    try {
      tell();
    } catch (TreeException e) {
      log.debug("not told now, will be tried again: {}", e.getMessage());
    } catch (RuntimeException e) {
      log.error("internal error while statistics were told, will be tried again", e);
    }
  }

  /** What was found that locks are worth; a TreeException when it cannot be told now. */
  synchronized void locks(LockSupport found) {
    locks = found;
    tell();
  }

  /** When the job of this worker ends, as counters; a TreeException when it cannot be told now. */
  synchronized void ends(Map<String, Long> counters) {
    ends = counters;
    tell();
  }

  /** Why the base directory cannot be used, empty when it can; told when ZooKeeper answers. */
  synchronized void away(String reason) {
    away = reason;
    tellQuietly();
  }

  private synchronized void tell() {
    Map<String, String> notes = away.isEmpty() ? Map.of() : Map.of(member, away);
    StatsRecord next = StatsRecord.of(clock.millis(), values(), notes).withLocks(locks);
    if (!next.saysTheSameAs(told)) {
      tree.putStats(session, member, next);
      told = next;
    }
  }

  private SortedMap<String, Long> values() {
    SortedMap<String, Long> values = new TreeMap<>(ends);
    quotas
        .own()
        .forEach(
            (subject, use) -> {
              values.put(UsageRecord.bytes(subject), use.bytes());
              values.put(UsageRecord.entries(subject), use.entries());
            });
    return values;
  }

  /**
   * The sum holds at most what this worker had told by now, so what is left of it without that was
   * taken by others; perhaps they took more, which the next sum shows.
   */
  private synchronized void learned(Optional<UsageRecord> usage) {
    if (usage.isEmpty()) {
      return;
    }
    Map<String, QuotaUse> elsewhere = new HashMap<>();
    for (String subject : usage.get().subjects()) {
      elsewhere.put(
          subject,
          new QuotaUse(
              elsewhere(usage.get(), UsageRecord.bytes(subject)),
              elsewhere(usage.get(), UsageRecord.entries(subject))));
    }
    quotas.elsewhere(elsewhere);
    interval = Math.max(MIN_INTERVAL_MILLIS, Math.min(60_000, usage.get().intervalMillis()));
  }

  private long elsewhere(UsageRecord usage, String name) {
    return Math.max(0, usage.used().getOrDefault(name, 0L) - told.values().getOrDefault(name, 0L));
  }

  /** Tells the last time. */
  @Override
  public void close() {
    teller.shutdownNow();
    Watch watching;
    synchronized (this) {
      watching = watch;
    }
    if (watching != null) {
      watching.close();
      if (tree.isConnected()) { // Else it would hold up the end.
        tellQuietly();
      }
    }
  }
}
