package io.sheaf.tree;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one member tells of itself: the data of {@code /sessions/<s>/stats/<member>}.
 *
 * @param updated milliseconds since the epoch
 * @param values counters by name
 * @param notes one line for each archive that the member could not merge into, by archive; and why
 *     it pauses, by its own id
 * @param gaps in the sequence of workers that it has passed over, a line each
 * @param locks what it has found that POSIX locks are worth
 */
public record StatsRecord(
    int version,
    long updated,
    SortedMap<String, Long> values,
    SortedMap<String, String> notes,
    List<String> gaps,
    LockSupport locks) {
  public static final int VERSION = 1;

  public StatsRecord {
    values = new TreeMap<>(values);
    notes = new TreeMap<>(notes);
    gaps = List.copyOf(gaps);
  }

  public static StatsRecord of(long updated, Map<String, Long> values) {
    return of(updated, values, Map.of());
  }

  public static StatsRecord of(long updated, Map<String, Long> values, Map<String, String> notes) {
    return new StatsRecord(
        VERSION,
        updated,
        new TreeMap<>(values),
        new TreeMap<>(notes),
        List.of(),
        LockSupport.UNKNOWN);
  }

  public StatsRecord withGaps(List<String> passed) {
    return new StatsRecord(version, updated, values, notes, passed, locks);
  }

  public StatsRecord withLocks(LockSupport found) {
    return new StatsRecord(version, updated, values, notes, gaps, found);
  }

  /** Whether only the time differs. */
  public boolean saysTheSameAs(StatsRecord other) {
    return values.equals(other.values)
        && notes.equals(other.notes)
        && gaps.equals(other.gaps)
        && locks == other.locks;
  }
}
