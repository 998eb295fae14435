package io.sheaf.tree;

import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What all workers of a session have taken under its quotas, those too that have left: the data of
 * {@code /sessions/<s>/usage}. The leader sums it up from what each worker tells with its {@link
 * StatsRecord}, under the same names.
 *
 * @param intervalMillis how often workers should tell, so that many of them are no load
 * @param used by {@link #bytes} and {@link #entries} of a subject
 */
public record UsageRecord(int version, long intervalMillis, SortedMap<String, Long> used) {
  public static final int VERSION = 1;

  private static final String BYTES = "quota bytes of ";
  private static final String ENTRIES = "quota entries of ";

  public UsageRecord {
    used = new TreeMap<>(used);
  }

  /** The name of the bytes that a subject has used. */
  public static String bytes(String subject) {
    return BYTES + subject;
  }

  /** The name of the entries that a subject has used. */
  public static String entries(String subject) {
    return ENTRIES + subject;
  }

  /** Whether it is one of these names. */
  public static boolean isName(String name) {
    return name.startsWith(BYTES) || name.startsWith(ENTRIES);
  }

  /** The subjects that have used something, sorted. */
  public Collection<String> subjects() {
    return used.keySet().stream()
        .map(name -> name.substring((name.startsWith(BYTES) ? BYTES : ENTRIES).length()))
        .sorted()
        .distinct()
        .toList();
  }

  /** The sum of what members have told; what cannot be is left out. */
  public static SortedMap<String, Long> sum(Collection<StatsRecord> told) {
    SortedMap<String, Long> sums = new TreeMap<>();
    for (StatsRecord record : told) {
      for (Map.Entry<String, Long> value : record.values().entrySet()) {
        if (isName(value.getKey()) && value.getValue() > 0) {
          sums.merge(value.getKey(), value.getValue(), UsageRecord::plus);
        }
      }
    }
    return sums;
  }

  private static long plus(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }
}
