package io.sheaf.scavenge;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which archive a scavenger's thread takes next.
 *
 * <p>First come the archives that {@link Rendezvous} gives to this coordinator, then, after a short
 * head start for their owner, all others: no coordinator is idle while any archive is pending. An
 * archive that is claimed elsewhere or cannot be merged is left alone for a while that doubles. One
 * that has to wait is handed out again when its time has come, or when something changes.
 */
final class ArchiveQueue {
  /** What a thread found when it tried an archive. */
  enum Result {
    MERGED,
    /** A merge of it is not worth it yet. */
    DEFERRED,
    /** Some of its batches wait for others that have not come. */
    HELD,
    /** Another coordinator has it. */
    CLAIMED,
    /** The connection to ZooKeeper went away meanwhile: says nothing about the archive. */
    ABANDONED,
    FAILED
  }

  /** Long enough for an owner with a free thread to take its archive first. */
  static final long HEAD_START = TimeUnit.MILLISECONDS.toNanos(100);

  /** The watch tells a moment after a merge that its batches are gone: until then, do not look. */
  private static final long AFTER_MERGE = TimeUnit.MILLISECONDS.toNanos(50);

  /** How soon a deferred archive is looked at again when more has come. */
  static final long LOOK_AGAIN = TimeUnit.SECONDS.toNanos(1);

  private static final long AFTER_CLAIM = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long AFTER_CLAIM_MAX = TimeUnit.SECONDS.toNanos(1);
  private static final long AFTER_FAILURE = TimeUnit.SECONDS.toNanos(1);
  private static final long AFTER_FAILURE_MAX = TimeUnit.SECONDS.toNanos(60);

  private final String self;
  private final Supplier<Map<String, Integer>> source;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  private final Map<String, Waiting> waiting = new HashMap<>();
  private List<String> coordinators;
  private boolean stale = true;
  private boolean paused;
  private boolean closed;

  /**
   * A queue over a source that is read again after each {@link #changed}.
   *
   * @param source archives with pending batches and the number of these; must not block
   */
  ArchiveQueue(String self, Supplier<Map<String, Integer>> source, LongSupplier nanoTime) {
    this.self = self;
    this.source = source;
    this.nanoTime = nanoTime;
    this.coordinators = List.of(self);
  }

  /** Says that the source may give another answer now, and for which archives. */
  void changed(Collection<String> archives) {
    locked(
        () -> {
          stale = true;
          archives.forEach(
              archive -> {
                Waiting w = waiting.get(archive);
                if (w != null) {
                  w.changed();
                }
              });
        });
  }

  /** Says that none that waits has a reason to any more. */
  void hurry() {
    locked(() -> waiting.values().forEach(w -> w.hurry(nanoTime.getAsLong())));
  }

  /** Says who shares the work. */
  void coordinators(Collection<String> live) {
    locked(() -> coordinators = live.isEmpty() ? List.of(self) : List.copyOf(live));
  }

  /** While paused nothing is handed out. */
  void pause(boolean pause) {
    locked(
        () -> {
          paused = pause;
          stale = true;
        });
  }

  /** Wakes every thread in {@link #take}; nothing is handed out any more. */
  void close() {
    locked(() -> closed = true);
  }

  /** Waits for an archive and hands it out until {@link #done}; empty when closed. */
  Optional<String> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        refresh();
        Candidate next = paused ? null : pick();
        if (next != null) {
          next.waiting().take();
          return Optional.of(next.archive());
        }
        changed.awaitNanos(delay());
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Gives an archive back. */
  void done(String archive, Result result) {
    done(archive, result, Duration.ZERO);
  }

  /**
   * Gives an archive back.
   *
   * @param wait how long to leave one alone that is deferred or held
   */
  void done(String archive, Result result, Duration wait) {
    locked(
        () -> {
          Waiting w = waiting.get(archive);
          if (w != null) {
            w.busy = false;
            w.after(result, nanoTime.getAsLong(), wait.toNanos());
            stale = true;
          }
        });
  }

  /** How often in a row each archive could not be merged, for those that could not. */
  Map<String, Integer> failures() {
    lock.lock();
    try {
      return waiting.entrySet().stream()
          .filter(e -> e.getValue().failures > 0)
          .collect(
              Collectors.toMap(
                  Map.Entry::getKey, e -> e.getValue().failures, (a, b) -> a, TreeMap::new));
    } finally {
      lock.unlock();
    }
  }

  private void refresh() {
    if (!stale) {
      return;
    }
    stale = false;
    Map<String, Integer> pending = source.get();
    long now = nanoTime.getAsLong();
    waiting.entrySet().removeIf(e -> !e.getValue().busy && !pending.containsKey(e.getKey()));
    pending.keySet().forEach(archive -> waiting.computeIfAbsent(archive, a -> new Waiting(now)));
  }

  private @Nullable Candidate pick() {
    long now = nanoTime.getAsLong();
    return candidates()
        .filter(c -> c.readyAt() - now <= 0)
        .min(
            Comparator.comparingInt((Candidate c) -> c.own() ? 0 : 1)
                .thenComparingLong(c -> c.waiting().since)
                // Helpers from several coordinators should not all run to the same archive.
                .thenComparing(c -> Rendezvous.weight(c.archive(), self), Long::compareUnsigned)
                .thenComparing(Candidate::archive))
        .orElse(null);
  }

  private long delay() {
    if (paused) {
      return Long.MAX_VALUE;
    }
    long now = nanoTime.getAsLong();
    return candidates().mapToLong(c -> Math.max(1, c.readyAt() - now)).min().orElse(Long.MAX_VALUE);
  }

  private Stream<Candidate> candidates() {
    return waiting.entrySet().stream()
        .filter(e -> !e.getValue().busy)
        .map(e -> new Candidate(e.getKey(), isOwn(e.getKey()), e.getValue()));
  }

  private boolean isOwn(String archive) {
    return Rendezvous.owner(archive, coordinators).filter(self::equals).isPresent();
  }

  /** An archive that nobody here is at work on. */
  private record Candidate(String archive, boolean own, Waiting waiting) {
    long readyAt() {
      long headStart = waiting.since + (own ? 0 : HEAD_START);
      return waiting.notBefore - headStart > 0 ? waiting.notBefore : headStart;
    }
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static final class Waiting {
    private long since;
    private long notBefore;
    private boolean busy;
    private int claims;
    private int failures;

    /** Whether something changed since it was handed out. */
    private boolean changed;

    /** Whether that ends all waiting. */
    private boolean hurried;

    /** Whether it waits for something that may change. */
    private boolean patient;

    /** When a change lets it be handed out, if it waits for one. */
    private long lookAgain;

    Waiting(long now) {
      since = now;
      notBefore = now;
    }

    void take() {
      busy = true;
      changed = false;
      hurried = false;
      patient = false;
    }

    void changed() {
      changed = true;
      if (!busy && patient && notBefore - lookAgain > 0) {
        notBefore = lookAgain;
      }
    }

    void hurry(long now) {
      hurried = true;
      lookAgain = now;
      changed();
    }

    void after(Result result, long now, long wait) {
      switch (result) {
        case DEFERRED -> {
          claims = 0;
          waitFor(now, wait, now + LOOK_AGAIN);
        }
        case HELD -> {
          claims = 0;
          failures = 0;
          waitFor(now, wait, now + AFTER_MERGE);
        }
        case MERGED -> {
          claims = 0;
          failures = 0;
          since = now;
          notBefore = now + AFTER_MERGE;
        }
        case CLAIMED -> notBefore = now + backOff(AFTER_CLAIM, claims++, AFTER_CLAIM_MAX);
        case ABANDONED -> notBefore = now + AFTER_MERGE;
        case FAILED -> notBefore = now + backOff(AFTER_FAILURE, failures++, AFTER_FAILURE_MAX);
      }
    }

    private void waitFor(long now, long wait, long again) {
      patient = true;
      notBefore = now + wait;
      lookAgain = hurried ? now : again;
      if (changed) {
        changed();
      }
    }

    private static long backOff(long first, int times, long most) {
      return Math.min(first << Math.min(times, 20), most);
    }
  }
}
