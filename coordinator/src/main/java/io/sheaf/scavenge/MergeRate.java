package io.sheaf.scavenge;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How fast this coordinator merges while it does: bytes a second where batches are large, time for
 * each merge where they are small. Idle time does not count.
 */
final class MergeRate {
  /** Names of the counters in which it is told; 0 while it is not known. */
  static final String BYTES_PER_SECOND = "merge_bytes_per_second";

  static final String MICROS = "merge_micros";

  /** Smaller merges say what a merge costs, larger ones what a byte costs. */
  private static final long LARGE = 1L << 20;

  /** So much must have been merged before it says anything. */
  private static final long ENOUGH_BYTES = 16L << 20;

  private static final long ENOUGH_MERGES = 20;

  /** So long, the merges that are cut by it do not count much. */
  private static final Duration LONG = Duration.ofSeconds(30);

  private final LongSupplier nanoTime;
  private int active;
  private long since;
  private long busy;
  private long bytes;
  private long merges;
  private long bytesPerSecond;
  private long micros;

  MergeRate(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  synchronized void begin() {
    if (active++ == 0) {
      since = nanoTime.getAsLong();
    }
  }

  /** A merge has ended, with so many bytes of new contents; 0 when it came to nothing. */
  synchronized void end(long merged) {
    long now = nanoTime.getAsLong();
    busy += now - since;
    since = now;
    active--;
    bytes += merged;
    merges += merged > 0 ? 1 : 0;
    // While others go on, their time is counted already and their bytes are not yet.
    boolean whole = active == 0 || busy > LONG.toNanos();
    if (whole && (bytes >= ENOUGH_BYTES || merges >= ENOUGH_MERGES)) {
      measure();
    }
  }

  private void measure() {
    if (bytes / merges >= LARGE) {
      bytesPerSecond = mean(bytesPerSecond, Math.round(bytes * 1e9 / Math.max(1, busy)));
    } else {
      micros = mean(micros, TimeUnit.NANOSECONDS.toMicros(busy) / merges);
    }
    busy = 0;
    bytes = 0;
    merges = 0;
  }

  /** What was measured lately counts most. */
  private static long mean(long before, long now) {
    return before == 0 ? now : (3 * before + now) / 4;
  }

  synchronized Map<String, Long> values() {
    return Map.of(BYTES_PER_SECOND, bytesPerSecond, MICROS, micros);
  }
}
