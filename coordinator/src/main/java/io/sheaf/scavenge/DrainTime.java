package io.sheaf.scavenge;

import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long a drain that begins now may take: a fixed part, in which workers flush and leave, and
 * the merges of what is pending, taken twice.
 *
 * @param fixed whatever is pending
 * @param bytes in the inbox
 * @param archives that these are for
 * @param rate bytes a second of all coordinators together
 * @param each time for each archive, whatever it gets, if they were merged one by one
 */
record DrainTime(Duration fixed, long bytes, int archives, long rate, Duration each) {
  /** Taken for a coordinator that has not measured it: a slow disk's. */
  static final long RATE = 20L << 20;

  static final Duration EACH = Duration.ofMillis(200);

  /** For the backlog may be unlike what was measured, and grows until the workers have left. */
  private static final int SAFETY = 2;

  private static final double MOST_SECONDS = Duration.ofDays(365).toSeconds();

  /** With what live coordinators tell in their counters, one map each. */
  static DrainTime of(
      Duration fixed, long bytes, int archives, Collection<Map<String, Long>> coordinators) {
    long rate = 0;
    double eachPerMicro = 0;
    for (Map<String, Long> told : coordinators) {
      rate += positive(told.get(MergeRate.BYTES_PER_SECOND), RATE);
      eachPerMicro += 1.0 / positive(told.get(MergeRate.MICROS), EACH.toNanos() / 1000);
    }
    Duration each =
        coordinators.isEmpty() ? EACH : Duration.ofNanos(Math.round(1000 / eachPerMicro));
    return new DrainTime(fixed, bytes, archives, rate == 0 ? RATE : rate, each);
  }

  private static long positive(@Nullable Long told, long otherwise) {
    return told == null || told <= 0 ? otherwise : told;
  }

  Duration total() {
    double seconds = SAFETY * ((double) bytes / rate + archives * (each.toNanos() / 1e9));
    return fixed.plusSeconds((long) Math.ceil(Math.min(seconds, MOST_SECONDS)));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d s: %d s for workers to leave, then twice the time for %,d bytes at %,d bytes/s and %d"
            + " archives at %d ms",
        total().toSeconds(),
        fixed.toSeconds(),
        bytes,
        rate,
        archives,
        each.toMillis());
  }
}
