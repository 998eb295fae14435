package io.sheaf.archive;

import static io.sheaf.archive.Merging.ARCHIVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.sheaf.batch.Compression;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.conf.Duplicates;
import io.sheaf.conf.MergeOrder;
import io.sheaf.disk.DiskLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a session may choose about merging: which duplicate stays, the order, rolling. */
class MergePolicyTest {
  private static final String W = "node7-4711-a1b2c3";
  private static final String V = "node8-4712-d4e5f6";

  @TempDir private Path root;
  private Merging at;

  @BeforeEach
  void open() throws IOException {
    at = new Merging(root);
  }

  private Consolidator consolidator(MergePolicy policy, long millis) {
    Clock clock = Clock.fixed(Instant.ofEpochMilli(Merging.NOW + millis), ZoneOffset.UTC);
    return new Consolidator(at.healthy, at.base, policy, "c-1-aaaaaa", "s", clock);
  }

  private static MergeOutcome merge(Consolidator consolidator) throws IOException {
    return consolidator.merge(ARCHIVE, List.of(), () -> {});
  }

  @ParameterizedTest
  @EnumSource(names = {"REPLACE", "IN_PLACE"})
  void theLastOfANameStays(CommitStrategy strategy) throws IOException {
    Consolidator last = consolidator(MergePolicy.simple(Duplicates.LAST).with(strategy), 0);
    at.batch(W, 1, "a", "one", "b", "two", "c", "three");
    assertThat(merge(last).entries()).isEqualTo(3);
    at.batch(V, 1, "b", "newer", "d", "four", "b", "newest");
    MergeOutcome outcome = merge(last);
    assertThat(outcome.collapsed()).isEqualTo(2);
    assertThat(outcome.entries()).isEqualTo(1);
    at.assertMerged(Map.of("a", "one", "b", "newest", "c", "three", "d", "four"));
    // The places of the records have changed; the next merge must find them all the same.
    at.batch(W, 2, "a", "one", "d", "five", "c", "6");
    merge(last);
    at.assertMerged(Map.of("a", "one", "b", "newest", "c", "6", "d", "five"));
    at.batch(W, 3, "a", "x", "b", "", "c", "z", "d", "");
    merge(last);
    at.assertMerged(Map.of("a", "x", "b", "", "c", "z", "d", ""));
  }

  @Test
  void anIndexIsKeptForTheNextMergeAndDroppedWhenOthersMerged() throws IOException {
    MergePolicy policy = MergePolicy.simple(Duplicates.ALL).with(CommitStrategy.IN_PLACE);
    Consolidator one = consolidator(policy, 0);
    Consolidator two = consolidator(policy, 0);
    at.batch(W, 1, "a", "one");
    merge(one);
    at.batch(W, 2, "b", "two", "a", "one");
    merge(one);
    at.batch(W, 3, "c", "three");
    merge(two);
    at.batch(W, 4, "c", "three", "b", "new", "d", "four");
    merge(one);
    at.batch(W, 5, "d", "four", "d", "five");
    merge(two);
    at.assertMerged(
        Map.of("a", "one", "b", "two", "b~2", "new", "c", "three", "d", "four", "d~2", "five"));
  }

  @Test
  void inSequenceAGapHoldsBackTheLaterBatchesOfItsWorker() throws IOException {
    MergePolicy policy =
        MergePolicy.simple(Duplicates.LAST).with(MergeOrder.SEQUENCE, Duration.ofMinutes(10));
    Path missing = at.batch(W, 2, "x", "2");
    byte[] bytes = Files.readAllBytes(missing);
    Files.delete(missing);
    at.batch(W, 1, 9, Compression.STORED, ARCHIVE, "x", "1");
    at.batch(W, 3, 5, Compression.STORED, ARCHIVE, "x", "3", "y", "3");
    at.batch(V, 1, 7, Compression.STORED, ARCHIVE, "y", "v");

    MergeOutcome held = merge(consolidator(policy, 0));
    assertThat(held.held()).isEqualTo(1);
    assertThat(held.gaps()).isEmpty();
    assertThat(held.settled())
        .containsExactlyInAnyOrder(new MergeOutcome.Settled(W, 1), new MergeOutcome.Settled(V, 1));
    assertThat(at.entries()).isEqualTo(Map.of("x", "1", "y", "v"));

    Files.write(missing, bytes);
    MergeOutcome filled = merge(consolidator(policy, 0));
    assertThat(filled.held()).isZero();
    at.assertMerged(Map.of("x", "3", "y", "3"));
  }

  @Test
  void aGapIsPassedOverAfterItsTimeAndFilledLate() throws IOException {
    MergePolicy policy =
        MergePolicy.simple(Duplicates.LAST).with(MergeOrder.SEQUENCE, Duration.ofMinutes(10));
    at.batch(W, 2, 0, Compression.STORED, ARCHIVE, "x", "2");
    assertThat(merge(consolidator(policy, 599_999)).held()).isEqualTo(1);
    MergeOutcome passed = merge(consolidator(policy, 600_000));
    assertThat(passed.held()).isZero();
    assertThat(passed.gaps()).singleElement().asString().contains("batch 1 of " + W);
    at.assertMerged(Map.of("x", "2"));
    at.batch(W, 4, 700_000, Compression.STORED, ARCHIVE, "x", "4");
    at.batch(W, 1, 700_000, Compression.STORED, ARCHIVE, "late", "1");
    assertThat(merge(consolidator(policy, 700_000)).held()).isEqualTo(1);
    assertThat(at.entries()).isEqualTo(Map.of("x", "2", "late", "1"));
    MergeOutcome last =
        consolidator(policy, 700_000).merge(ARCHIVE, List.of(), Gaps.PASS, () -> {});
    assertThat(last.gaps()).hasSize(1);
    at.assertMerged(Map.of("x", "4", "late", "1"));
  }

  @Test
  void whatIsInQuarantineIsNoGap() throws IOException {
    MergePolicy policy =
        MergePolicy.simple(Duplicates.ALL).with(MergeOrder.SEQUENCE, Duration.ofMinutes(10));
    Path bad = at.batch(W, 1, "x", "1");
    Files.write(bad, new byte[] {1, 2, 3});
    at.batch(W, 2, "y", "2");
    assertThat(merge(consolidator(policy, 0)).quarantined()).hasSize(1);
    at.assertMerged(Map.of("y", "2"));
  }

  @Test
  void anArchiveAtItsLimitBecomesAVolume() throws IOException {
    MergePolicy policy = MergePolicy.simple(Duplicates.ALL).rolling(0, 3);
    for (int seq = 1; seq <= 4; seq++) {
      at.batch(W, seq, "a" + seq, "one", "b" + seq, "two");
    }
    // A file of somebody else has the first volume's name.
    Files.createDirectories(at.archive().getParent());
    Files.writeString(root.resolve("b/ar-0.zip"), "mine");
    MergeOutcome outcome = merge(consolidator(policy, 0));
    assertThat(outcome.rolled()).containsExactly("b/ar-1.zip", "b/ar-2.zip");
    assertThat(outcome.entries()).isEqualTo(8);
    assertThat(at.archive()).doesNotExist();
    assertThat(Files.readString(root.resolve("b/ar-0.zip"))).isEqualTo("mine");
    at.batch(W, 5, "a5", "one");
    assertThat(merge(consolidator(policy, 0)).rolled()).isEmpty();
    assertThat(at.entries()).isEqualTo(Map.of("a5", "one"));
    VerifyReport report = at.verify();
    assertThat(report.sound()).as(report.toString()).isTrue();
    assertThat(report.archives())
        .extracting(VerifyReport.Archive::archive, VerifyReport.Archive::entries)
        .containsExactly(tuple("b/ar-1.zip", 4L), tuple("b/ar-2.zip", 4L), tuple(ARCHIVE, 1L));
    assertThat(SessionTotals.of(at.healthy, at.base, "s").entries()).isEqualTo(9);
  }

  @Test
  void aVolumeThatAnotherHoldsIsLeftToIt() throws IOException {
    MergePolicy policy = MergePolicy.simple(Duplicates.ALL).rolling(1, 0);
    at.batch(W, 1, "a", "one");
    Files.createDirectories(at.base.lock("b/ar-0.zip").getParent());
    try (DiskLock held = at.healthy.tryLock(at.base.lock("b/ar-0.zip")).orElseThrow()) {
      held.ensureValid();
      assertThat(merge(consolidator(policy, 0)).rolled()).containsExactly("b/ar-1.zip");
    }
  }

  @Test
  void aLargeArchiveIsOverwrittenUnderAutoAndASmallOneReplaced() throws IOException {
    Ledger.Contents large = new Ledger.Contents(1L << 30, 0, (1L << 30) - 1_000, 0, 900, 0, 0, 10);
    Ledger ledger = Ledger.adopted(ARCHIVE, large);
    CommitChoice auto = new CommitChoice(at.healthy, root, CommitStrategy.AUTO);
    assertThat(auto.inPlace(ledger, 1_000)).isTrue();
    assertThat(auto.inPlace(ledger, 1L << 30)).isFalse();
    assertThat(auto.inPlace(Ledger.none(ARCHIVE), 1_000)).isFalse();
    Ledger.Contents small = new Ledger.Contents(1_000, 0, 900, 0, 50, 0, 0, 10);
    assertThat(auto.inPlace(Ledger.adopted(ARCHIVE, small), 1)).isFalse();
    CommitChoice always = new CommitChoice(at.healthy, root, CommitStrategy.IN_PLACE);
    assertThat(always.inPlace(Ledger.adopted(ARCHIVE, small), 1)).isTrue();
    assertThat(always.inPlace(Ledger.none(ARCHIVE), 1)).isFalse();
  }
}
