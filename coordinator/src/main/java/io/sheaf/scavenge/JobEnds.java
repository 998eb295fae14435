package io.sheaf.scavenge;

import io.sheaf.batch.Inbox;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.Role;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.StatsRecord;
import io.sheaf.worker.WallTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drains a session before the jobs of its coordinators end, early enough for what is pending.
 *
 * <p>The session ends with the <em>last</em> of its coordinators, since until then somebody merges,
 * and only when each of them has an end and {@code drain_at_end}: a coordinator that has none goes
 * on. A worker that says that it goes on for longer keeps the session open too: its programs would
 * be refused, and what is pending is not lost. One that knows of no end does not. A member whose
 * own end comes before that of the session leaves by itself.
 */
final class JobEnds {
  private static final Logger LOG = LoggerFactory.getLogger(JobEnds.class);

  /** Counter that says whether a coordinator lets the session end with it: 1 or 0. */
  static final String DRAINS = "drain_at_end";

  private static final Duration LOOK_SOONEST = Duration.ofSeconds(1);
  private static final Duration LOOK_LATEST = Duration.ofMinutes(1);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

  private final Coordination in;
  private final Inbox inbox;
  private final Duration reserve;
  private final Duration fixed;
  private final boolean drains;
  private long lookAt;
  private String said = "";

  JobEnds(Coordination in, Settings settings) {
    this.in = in;
    this.inbox = new Inbox(in.disk(), in.base());
    this.reserve = settings.get(Keys.DRAIN_RESERVE);
    this.fixed =
        reserve.plus(settings.get(Keys.STOP_TIMEOUT)).plus(settings.get(Keys.SALVAGE_GRACE));
    this.drains = settings.get(Keys.DRAIN_AT_END);
  }

  /** What this coordinator tells of its end, for whoever leads. */
  static Map<String, Long> stats(Optional<Instant> end, boolean drains) {
    Map<String, Long> stats = new HashMap<>(WallTime.stats(end));
    if (end.isPresent()) {
      stats.put(DRAINS, drains ? 1L : 0L);
    }
    return stats;
  }

  /**
   * Begins the drain if it is time, now and then.
   *
   * @param own when this leader's own job ends
   */
  void step(Optional<Instant> own) throws IOException {
    long now = in.clock().millis();
    // A clock that was set back must not make it sleep.
    if (own.isEmpty() || !drains || (now < lookAt && lookAt - now <= LOOK_LATEST.toMillis())) {
      return;
    }
    Map<String, StatsRecord> stats = in.tree().stats(in.session());
    List<Map<String, Long>> coordinators = told(Role.COORDINATOR, stats);
    Optional<Instant> end = end(coordinators, stats);
    lookAt = now + LOOK_AGAIN.toMillis();
    if (end.isPresent()) {
      decide(Instant.ofEpochMilli(now), end.get(), coordinators);
    }
  }

  private void decide(Instant now, Instant end, List<Map<String, Long>> coordinators)
      throws IOException {
    Inbox.Backlog backlog = inbox.backlog();
    DrainTime time = DrainTime.of(fixed, backlog.bytes(), backlog.archives(), coordinators);
    Duration left = Duration.between(now, end.minus(time.total()));
    if (left.isZero() || left.isNegative()) {
      LOG.info(
          "the coordinators' jobs end at {}: draining the session, which may take {}", end, time);
      in.tree().advance(in.session(), SessionState.OPEN, SessionState.DRAINING);
    }
    lookAt = now.toEpochMilli() + within(left.dividedBy(4)).toMillis();
  }

  private static Duration within(Duration pause) {
    if (pause.compareTo(LOOK_SOONEST) < 0) {
      return LOOK_SOONEST;
    }
    return pause.compareTo(LOOK_LATEST) > 0 ? LOOK_LATEST : pause;
  }

  /** When the session has to be over; empty when it goes on. */
  private Optional<Instant> end(
      List<Map<String, Long>> coordinators, Map<String, StatsRecord> stats) {
    long last = 0;
    for (Map<String, Long> told : coordinators) {
      @Nullable Long end = told.get(WallTime.ENDS);
      if (end == null || told.getOrDefault(DRAINS, 0L) == 0) {
        return Optional.empty();
      }
      last = Math.max(last, end);
    }
    return last == 0 || isOutlived(last, stats)
        ? Optional.empty()
        : Optional.of(Instant.ofEpochMilli(last));
  }

  private boolean isOutlived(long last, Map<String, StatsRecord> stats) {
    long longest = 0;
    for (Map<String, Long> told : told(Role.WORKER, stats)) {
      longest = Math.max(longest, told.getOrDefault(WallTime.ENDS, 0L));
    }
    boolean outlived = longest > last + reserve.toMillis();
    if (outlived) {
      say(
          "the coordinators' jobs end at "
              + Instant.ofEpochMilli(last)
              + " and workers go on until "
              + Instant.ofEpochMilli(longest)
              + ": the session is not drained, start coordinators that live as long");
    }
    return outlived;
  }

  /** What the members of a role that are there tell; an empty map of one that has not told yet. */
  private List<Map<String, Long>> told(Role role, Map<String, StatsRecord> stats) {
    List<Map<String, Long>> all = new ArrayList<>();
    for (MemberRecord member : in.tree().members(in.session(), role)) {
      @Nullable StatsRecord record = stats.get(member.id());
      all.add(record == null ? Map.of() : record.values());
    }
    return all;
  }

  private void say(String what) {
    if (!what.equals(said)) {
      said = what;
      LOG.warn(what);
    }
  }
}
