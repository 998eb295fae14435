package io.sheaf.tree;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counters of one member: the data of {@code /sessions/<s>/stats/<member>}.
 *
 * @param updated milliseconds since the epoch
 * @param values by name
 */
public record StatsRecord(int version, long updated, SortedMap<String, Long> values) {
  public static final int VERSION = 1;

  public StatsRecord {
    values = new TreeMap<>(values);
  }

  public static StatsRecord of(long updated, Map<String, Long> values) {
    return new StatsRecord(VERSION, updated, new TreeMap<>(values));
  }
}
