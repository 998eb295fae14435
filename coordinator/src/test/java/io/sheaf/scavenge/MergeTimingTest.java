package io.sheaf.scavenge;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.archive.ArchiveExtent;
import io.sheaf.archive.MergeOutcome;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MergeTimingTest {
  private static final String ARCHIVE = "a.zip";
  private static final Duration AGE = Duration.ofMinutes(1);
  private static final long MIB = 1 << 20;
  private static final long START = 1_800_000_000_000L;

  private final List<PendingBatch> pending = new ArrayList<>();
  private ArchiveExtent extent = new ArchiveExtent(0, 0);
  private int extentsRead;
  private int pendingRead;
  private long millis;

  private final MergeTiming.Source source =
      new MergeTiming.Source() {
        @Override
        public ArchiveExtent extent(String archive) {
          extentsRead++;
          return extent;
        }

        @Override
        public List<PendingBatch> pending(String archive) {
          pendingRead++;
          return pending;
        }
      };

  private final Clock clock =
      new Clock() {
        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return Instant.ofEpochMilli(START + millis);
        }
      };

  private MergeTiming timing(Duration maxAge, CommitStrategy commit) {
    return new MergeTiming(source, clock, () -> millis * 1_000_000, maxAge, commit);
  }

  private MergeTiming timing() {
    return timing(AGE, CommitStrategy.AUTO);
  }

  private void batch(long bytes, long closed) {
    Manifest manifest =
        new Manifest(
            Manifest.VERSION,
            "id",
            "s",
            "h-1-aaaaaa",
            pending.size() + 1,
            ARCHIVE,
            1,
            bytes,
            bytes,
            0,
            0,
            closed,
            closed,
            null,
            null);
    pending.add(new PendingBatch(PendingBatch.VERSION, "path", bytes, manifest));
  }

  @Test
  void aSmallArchiveIsMergedAtOnceAndItsBatchesAreNotRead() throws IOException {
    extent = new ArchiveExtent(100_000 * MIB, MIB);
    batch(1, START);
    assertThat(timing().delay(ARCHIVE)).isZero();
    assertThat(pendingRead).isZero();
  }

  @Test
  void aLargeDirectoryWaitsUntilItsOldestBatchIsOldEnough() throws IOException {
    extent = new ArchiveExtent(1000 * MIB, 100 * MIB);
    batch(MIB, START - 20_000);
    batch(MIB, START);
    MergeTiming timing = timing();
    assertThat(timing.delay(ARCHIVE)).isEqualTo(Duration.ofSeconds(40));
    millis += 39_999;
    assertThat(timing.delay(ARCHIVE)).isEqualTo(Duration.ofMillis(1));
    millis += 1;
    assertThat(timing.delay(ARCHIVE)).isZero();
  }

  @Test
  void enoughIsMergedAtOnce() throws IOException {
    extent = new ArchiveExtent(1000 * MIB, 100 * MIB);
    MergeTiming timing = timing();
    batch(40 * MIB, START);
    assertThat(timing.delay(ARCHIVE)).isPositive();
    batch(10 * MIB, START);
    assertThat(timing.delay(ARCHIVE)).isZero();
  }

  @Test
  void aCopyOfTheArchiveCosts() throws IOException {
    extent = new ArchiveExtent(1000 * MIB, MIB);
    batch(40 * MIB, START);
    assertThat(timing().delay(ARCHIVE)).isZero();
    assertThat(timing(AGE, CommitStrategy.REPLACE).delay(ARCHIVE)).isPositive();
  }

  @Test
  void noBatchWaitsLongerThanThatBecauseAClockIsAhead() throws IOException {
    extent = new ArchiveExtent(1000 * MIB, 100 * MIB);
    batch(MIB, START + 3_600_000);
    MergeTiming timing = timing();
    assertThat(timing.delay(ARCHIVE)).isEqualTo(AGE);
    millis += AGE.toMillis();
    assertThat(timing.delay(ARCHIVE)).isZero();
  }

  @Test
  void withoutAnAgeNothingWaits() throws IOException {
    extent = new ArchiveExtent(1000 * MIB, 100 * MIB);
    batch(1, START);
    assertThat(timing(Duration.ZERO, CommitStrategy.AUTO).delay(ARCHIVE)).isZero();
  }

  @Test
  void learnsFromItsMergesAndAsksAgainLater() throws IOException {
    batch(1, START);
    MergeTiming timing = timing();
    timing.merged(outcome(1000 * MIB, 100 * MIB));
    assertThat(timing.delay(ARCHIVE)).isEqualTo(AGE);
    assertThat(extentsRead).isZero();
    millis += AGE.toMillis() + 1;
    batch(1, START + millis);
    timing.settled(ARCHIVE);
    pending.remove(0);
    assertThat(timing.delay(ARCHIVE)).isZero();
    assertThat(extentsRead).isEqualTo(1);
  }

  private static MergeOutcome outcome(long length, long directoryLength) {
    return new MergeOutcome(
        ARCHIVE,
        1,
        List.of(),
        List.of(),
        0,
        0,
        0,
        0,
        List.of(),
        0,
        List.of(),
        List.of(),
        length,
        directoryLength);
  }
}
