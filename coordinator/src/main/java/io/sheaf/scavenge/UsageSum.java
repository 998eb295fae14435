package io.sheaf.scavenge;

import io.sheaf.conf.QuotaRules;
import io.sheaf.tree.StatsRecord;
import io.sheaf.tree.UsageRecord;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Sums up what all workers of a session have taken under its quotas, those too that have left: what
 * they told stays. So a session that is taken up again counts on. With many workers it is done less
 * often, and they are asked to tell less often.
 */
final class UsageSum {
  /** At this pace ten thousand workers make some 500 writes a second between them. */
  private static final long MILLIS_A_WORKER = 2;

  private static final Duration OFTEN = Duration.ofSeconds(2);

  private final Coordination in;
  private final QuotaRules rules;
  private long dueAt;

  UsageSum(Coordination in, QuotaRules rules) {
    this.in = in;
    this.rules = rules;
    this.dueAt = in.nanoTime().getAsLong();
  }

  /** Does it when it is due; nothing in a session without quotas. */
  void step() {
    long now = in.nanoTime().getAsLong();
    if (rules.isEmpty() || now - dueAt < 0) {
      return;
    }
    Collection<StatsRecord> told = in.tree().stats(in.session()).values();
    long millis = Math.max(OFTEN.toMillis(), MILLIS_A_WORKER * told.size());
    dueAt = now + TimeUnit.MILLISECONDS.toNanos(millis);
    UsageRecord sum = new UsageRecord(UsageRecord.VERSION, millis, UsageRecord.sum(told));
    Optional<UsageRecord> before = in.tree().usage(in.session());
    if (!before.equals(Optional.of(sum)) && !(before.isEmpty() && sum.used().isEmpty())) {
      in.tree().putUsage(in.session(), sum);
    }
  }
}
