package io.sheaf.scavenge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DrainTimeTest {
  private static final Duration FIXED = Duration.ofSeconds(70);
  private static final long MIB = 1L << 20;

  @Test
  void nothingPendingTakesTheFixedPart() {
    assertThat(DrainTime.of(FIXED, 0, 0, List.of(Map.of())).total()).isEqualTo(FIXED);
  }

  @Test
  void unmeasuredCoordinatorsAreTakenForSlow() {
    DrainTime one = DrainTime.of(FIXED, 20_000 * MIB, 0, List.of(Map.of()));
    assertThat(one.total()).isEqualTo(FIXED.plusSeconds(2 * 1_000));
    DrainTime two = DrainTime.of(FIXED, 20_000 * MIB, 0, List.of(Map.of(), Map.of()));
    assertThat(two.total()).isEqualTo(FIXED.plusSeconds(1_000));
    DrainTime archives = DrainTime.of(FIXED, 0, 100, List.of(Map.of()));
    assertThat(archives.total()).isEqualTo(FIXED.plusSeconds(40));
  }

  @Test
  void measuredOnesCountForWhatTheyDo() {
    AtomicLong nanos = new AtomicLong();
    MergeRate rate = new MergeRate(nanos::get);
    assertThat(rate.values()).containsEntry(MergeRate.BYTES_PER_SECOND, 0L);
    for (int i = 0; i < 4; i++) {
      nanos.addAndGet(TimeUnit.HOURS.toNanos(1)); // Idle time does not count.
      rate.begin();
      rate.begin();
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
      rate.end(100 * MIB);
      rate.end(100 * MIB);
    }
    assertThat(rate.values()).containsEntry(MergeRate.MICROS, 0L);
    DrainTime time = DrainTime.of(FIXED, 20_000 * MIB, 0, List.of(rate.values()));
    // Two at a time: 200 MiB in each second.
    assertThat(time.total()).isEqualTo(FIXED.plusSeconds(2 * 100));
  }

  @Test
  void smallMergesTellWhatAnArchiveCosts() {
    AtomicLong nanos = new AtomicLong();
    MergeRate rate = new MergeRate(nanos::get);
    for (int i = 0; i < 20; i++) {
      rate.begin();
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1_000));
      rate.end(1_000);
    }
    assertThat(rate.values())
        .containsEntry(MergeRate.BYTES_PER_SECOND, 0L)
        .containsEntry(MergeRate.MICROS, 1_000_000L);
    assertThat(DrainTime.of(FIXED, 0, 10, List.of(rate.values())).total())
        .isEqualTo(FIXED.plusSeconds(20));
  }
}
