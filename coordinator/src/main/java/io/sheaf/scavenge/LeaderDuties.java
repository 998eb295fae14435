package io.sheaf.scavenge;

import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.TreeException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one coordinator does for the whole session: salvage what dead workers left, publish what
 * nobody published, end the session. It keeps nothing that another leader could not find again.
 */
final class LeaderDuties implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderDuties.class);

  /** How often the leader looks whether something is due; a change makes it look at once. */
  private static final Duration TICK = Duration.ofMillis(500);

  private final Coordination in;
  private final Orphans orphans;
  private final Publishing publishing;
  private final Draining draining;
  private final JobEnds jobEnds;
  private final Supplier<Optional<Instant>> ownEnd;
  private final UsageSum usage;
  private final Succession succession;
  private final Duration scanInterval;
  private final Duration grace;
  private final Runnable removed;
  // What comes after close() is dropped: listeners may still be called then.
  private final ScheduledThreadPoolExecutor executor =
      new ScheduledThreadPoolExecutor(
          1, r -> new Thread(r, "leader"), new ThreadPoolExecutor.DiscardPolicy());

  // Only the executor's thread uses these.
  private boolean leading;
  private long scanAt;
  private long partsAt;
  private String trouble = "";

  /**
   * Duties that begin with {@link #elected}.
   *
   * @param ownEnd when this coordinator's own job ends, as far as it is known
   * @param removed called once the session has been removed from ZooKeeper
   */
  LeaderDuties(
      Coordination in,
      Orphans orphans,
      Publishing publishing,
      Draining draining,
      JobEnds jobEnds,
      Supplier<Optional<Instant>> ownEnd,
      UsageSum usage,
      Succession succession,
      Duration scanInterval,
      Duration grace,
      Runnable removed) {
    this.in = in;
    this.orphans = orphans;
    this.publishing = publishing;
    this.draining = draining;
    this.jobEnds = jobEnds;
    this.ownEnd = ownEnd;
    this.usage = usage;
    this.succession = succession;
    this.scanInterval = scanInterval;
    this.grace = grace;
    this.removed = removed;
    this.partsAt = in.nanoTime().getAsLong();
    ScheduledFuture<?> unused =
        executor.scheduleWithFixedDelay(
            this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
  }

  void elected() {
    submit(
        () -> {
          LOG.info("leading session {}", in.session());
          leading = true;
          scanAt = in.nanoTime().getAsLong();
          partsAt = scanAt;
        });
  }

  void deposed() {
    submit(() -> leading = false);
  }

  /** Workers came or went: look for what those that went have left. */
  void membersChanged() {
    submit(() -> partsAt = in.nanoTime().getAsLong());
  }

  /** Something may be due. */
  void wake() {
    submit(() -> {});
  }

  private void submit(Runnable change) {
    executor.execute(
        () -> {
          change.run();
          tick();
        });
  }

  private void tick() {
    try {
      in.watch().check();
      if (leading) {
        step();
      } else {
        assist();
      }
      trouble = "";
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      report(e); // Whatever it was: a leader without its tick would lead and do nothing.
    }
  }

  private void step() throws IOException {
    Optional<SessionRecord> session = in.tree().session(in.session()).filter(in::isOurs);
    if (session.isEmpty()) {
      return;
    }
    if (session.get().state() == SessionState.OPEN) {
      usage.step();
      routine();
    } else if (draining.step(session.get())) {
      leading = false;
      removed.run();
    }
  }

  private void assist() throws IOException {
    succession.look();
    long now = in.nanoTime().getAsLong();
    if (now - partsAt >= 0) {
      orphans.assist();
      Duration next = grace.compareTo(scanInterval) < 0 ? grace : scanInterval;
      partsAt = now + next.toNanos();
    }
  }

  private void routine() throws IOException {
    jobEnds.step(ownEnd.get());
    long now = in.nanoTime().getAsLong();
    if (now - partsAt >= 0) {
      boolean waiting = !orphans.salvage(false).isEmpty();
      // Someone is within its grace period, or cut off with its locks: look again soon.
      Duration next = waiting && grace.compareTo(scanInterval) < 0 ? grace : scanInterval;
      partsAt = now + next.toNanos();
    }
    if (now - scanAt >= 0) {
      publishing.scan();
      orphans.forgetMembers();
      KeptBatches.clean(in.disk(), in.base(), in.clock());
      scanAt = now + scanInterval.toNanos();
    }
  }

  /** Everything is tried again at the next tick, so a reason is told once until it changes. */
  private void report(Throwable e) {
    String reason = String.valueOf(e.getMessage());
    if (!reason.equals(trouble)) {
      trouble = reason;
      if (e instanceof IOException || e instanceof TreeException) {
        LOG.warn("the leader will try again: {}", reason);
      } else {
        LOG.error("internal error in the leader's duties, will be tried again", e);
      }
    }
  }

  /** Ends the duties; one that is being done is finished first, for some seconds. */
  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
