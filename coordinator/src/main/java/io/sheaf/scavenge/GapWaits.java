package io.sheaf.scavenge;

import io.sheaf.archive.MergeOutcome;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.OpenPart;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Archives of which batches wait, under {@code order=sequence}, for a gap in their worker's
 * sequence to be filled.
 */
final class GapWaits {
  /** However long the time-out is: what fills a gap may have come without being published. */
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private static final Duration SHORTEST = Duration.ofMillis(500);

  private final Coordination in;
  private final Duration timeout;
  private final Map<String, String> notes = new ConcurrentHashMap<>();

  GapWaits(Coordination in, Duration timeout) {
    this.in = in;
    this.timeout = timeout;
  }

  /**
   * Whether no batch will come any more that could fill a gap, in a session that is draining: no
   * worker is registered, and nothing is open or left to salvage.
   */
  boolean nothingMoreComes(String archive) throws IOException {
    if (!in.tree().members(in.session(), Role.WORKER).isEmpty()) {
      return false;
    }
    for (OpenPart part : new Inbox(in.disk(), in.base()).parts()) {
      // What is no archive's own holds entries of any.
      if (part.archive().equals(archive) || !part.archive().endsWith(".zip")) {
        return false;
      }
    }
    return true;
  }

  /**
   * Takes note of what a merge has left waiting.
   *
   * @param published what was published for the archive before the merge
   * @return how long to leave it alone if nothing changes; zero when nothing waits
   */
  Duration after(MergeOutcome outcome, Collection<PendingBatch> published) {
    if (outcome.held() == 0) {
      notes.remove(outcome.archive());
      return Duration.ZERO;
    }
    notes.put(
        outcome.archive(),
        outcome.held() + " batches wait for earlier ones of their worker (gap_timeout)");
    Set<MergeOutcome.Settled> settled = new HashSet<>(outcome.settled());
    long now = in.clock().millis();
    long first =
        published.stream()
            .map(PendingBatch::manifest)
            .filter(m -> !settled.contains(new MergeOutcome.Settled(m.worker(), m.seq())))
            .mapToLong(m -> m.closed())
            .min()
            .orElse(now);
    Duration left = Duration.ofMillis(first - now).plus(timeout);
    return left.compareTo(SHORTEST) < 0 ? SHORTEST : left.compareTo(LONGEST) > 0 ? LONGEST : left;
  }

  /** Nothing is pending for an archive. */
  void settled(String archive) {
    notes.remove(archive);
  }

  /** What is said of the archives, a line each. */
  SortedMap<String, String> notes() {
    return new TreeMap<>(notes);
  }
}
