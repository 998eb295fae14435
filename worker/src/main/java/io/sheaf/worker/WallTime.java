package io.sheaf.worker;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.tree.TreeException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When this process's job ends: as {@code ends_at} says, or else Slurm, by SLURM_JOB_END_TIME and
 * by squeue. Slurm is asked again as the end comes nearer, since jobs are extended; that is some
 * dozen times a day, not each minute: thousands of workers may do so.
 */
public final class WallTime implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WallTime.class);

  /** Name of the counter that holds a member's end, in milliseconds since the epoch. */
  public static final String ENDS = "ends";

  private static final Duration TICK = Duration.ofMillis(500);
  private static final Duration ASK_SOONEST = Duration.ofMinutes(1);
  private static final Duration ASK_LATEST = Duration.ofMinutes(30);

  /** What Slurm said no longer ago than this is not asked again before it is acted upon. */
  private static final Duration FRESH = Duration.ofSeconds(10);

  private final Clock clock;
  private final Duration reserve;
  private final Consumer<Optional<Instant>> listener;
  private final Consumer<Instant> near;
  private final ScheduledExecutorService executor;

  // Only the executor's thread uses these.
  private @Nullable Squeue squeue;
  private Optional<Instant> end;
  private Instant asked;
  private Optional<Instant> told = Optional.empty();
  private boolean known;
  private boolean fired;
  private String trouble = "";

  /** One that looks only when it is told to {@link #tick}. */
  WallTime(
      Settings settings,
      Clock clock,
      Consumer<Optional<Instant>> listener,
      Consumer<Instant> near) {
    this.clock = clock;
    this.reserve = settings.get(Keys.DRAIN_RESERVE);
    this.listener = listener;
    this.near = near;
    this.squeue = fixed(settings) ? null : Squeue.of(settings).orElse(null);
    this.end = settings.find(Keys.ENDS_AT).or(() -> ofSlurm(settings));
    this.asked = end.isPresent() ? clock.instant() : Instant.EPOCH;
    this.executor = Executors.newSingleThreadScheduledExecutor(WallTime::thread);
  }

  /**
   * Watches the end until it is closed.
   *
   * @param listener called with the end, or that there is none, when that is known or changes;
   *     again when it fails
   * @param near called once, when only {@code drain_reserve} is left
   */
  public static WallTime start(
      Settings settings,
      Clock clock,
      Consumer<Optional<Instant>> listener,
      Consumer<Instant> near) {
    WallTime wallTime = new WallTime(settings, clock, listener, near);
    if (wallTime.mayEnd()) {
      ScheduledFuture<?> unused =
          wallTime.executor.scheduleWithFixedDelay(
              wallTime::tick, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
    }
    return wallTime;
  }

  /** How a member tells its end among its counters, in milliseconds since the epoch. */
  public static Map<String, Long> stats(Optional<Instant> end) {
    return end.map(e -> Map.of(ENDS, e.toEpochMilli())).orElse(Map.of());
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "wall-time");
    thread.setDaemon(true);
    return thread;
  }

  boolean mayEnd() {
    return end.isPresent() || squeue != null;
  }

  private static boolean fixed(Settings settings) {
    return settings.find(Keys.ENDS_AT).isPresent();
  }

  private static Optional<Instant> ofSlurm(Settings settings) {
    return settings
        .variable("SLURM_JOB_END_TIME")
        .filter(seconds -> seconds.matches("\\d{1,12}"))
        .map(seconds -> Instant.ofEpochSecond(Long.parseLong(seconds)));
  }

  /** Looks at the clock, and asks Slurm where it is time to. */
  void tick() {
    try {
      step(clock.instant());
    } catch (TreeException e) {
      log.debug("the job's end is not told yet: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.error("internal error in watching the job's end, will be tried again", e);
    }
  }

  private void step(Instant now) throws InterruptedException {
    boolean due = end.isPresent() && !now.isBefore(end.get().minus(reserve));
    if (squeue != null && now.isAfter(due ? asked.plus(FRESH) : nextAsk())) {
      ask(squeue, now);
      due = end.isPresent() && !now.isBefore(end.get().minus(reserve));
    }
    if (!known || !end.equals(told)) {
      listener.accept(end);
      told = end;
      known = true;
      end.ifPresent(e -> log.info("this member's job ends at {}", e));
    }
    if (due && !fired) {
      fired = true;
      near.accept(end.orElseThrow());
    }
  }

  /** After an eighth of the time that is left: an extension is seen before it matters. */
  private Instant nextAsk() {
    Duration left = Duration.between(asked, end.orElse(Instant.MAX.minusSeconds(1)));
    Duration pause =
        left.compareTo(ASK_LATEST.multipliedBy(8)) > 0 ? ASK_LATEST : left.dividedBy(8);
    boolean soon = pause.compareTo(ASK_SOONEST) < 0 || !trouble.isEmpty();
    return asked.plus(soon ? ASK_SOONEST : pause);
  }

  private void ask(Squeue slurm, Instant now) throws InterruptedException {
    asked = now;
    try {
      end = slurm.ends();
      trouble = "";
    } catch (IOException e) {
      String reason = String.valueOf(e.getMessage());
      if (!reason.equals(trouble)) {
        log.warn("when the job ends is not known anew: {}; --ends-at can tell", reason);
        trouble = reason;
      }
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
