package io.sheaf.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.MixedPart;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.conf.Duplicates;
import io.sheaf.disk.ChildProcess;
import io.sheaf.disk.Disk;
import io.sheaf.disk.FaultyDisk;
import io.sheaf.tree.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OfflineRecoveryTest {
  private static final String W = "node7-4711-a1b2c3";
  private static final String V = "node8-4712-d4e5f6";

  @TempDir Path root;

  private static RecoveryReport recover(Merging at, Disk disk)
      throws IOException, InterruptedException {
    MergePolicy policy = MergePolicy.simple(Duplicates.ALL);
    return new OfflineRecovery(disk, at.base, policy, "r-1-aaaaaa", Clock.systemUTC())
        .run(OfflineRecovery.Options.of(2), (done, of, last) -> {});
  }

  private static RecoveryReport recover(Merging at, OfflineRecovery.Options options)
      throws IOException, InterruptedException {
    MergePolicy policy = MergePolicy.simple(Duplicates.ALL);
    return new OfflineRecovery(at.healthy, at.base, policy, "r-1-aaaaaa", Clock.systemUTC())
        .run(options, (done, of, last) -> {});
  }

  private static BatchWriter open(Merging at, String worker, long seq, String name)
      throws IOException {
    BatchWriter.Origin origin = new BatchWriter.Origin("s", worker, Merging.ARCHIVE, seq);
    BatchWriter batch =
        BatchWriter.open(at.healthy, at.base, origin, Compression.STORED, false, Clock.systemUTC());
    ByteBuffer contents = ByteBuffer.wrap(Merging.bytes("of " + name));
    batch.append(List.of(PreparedEntry.of(name, Merging.NOW, contents, Compression.STORED)));
    return batch;
  }

  @Test
  void mergesWhatIsPendingAndSalvagesWhatIsLeftOpen() throws Exception {
    Merging at = new Merging(root);
    at.batch(W, 1, "a", "one");
    at.batch(W, 1, 1, Compression.STORED, "other.zip", "x", "y");
    open(at, V, 1, "b").abandon();
    RecoveryReport report = recover(at, at.healthy);
    assertThat(report.complete()).isTrue();
    assertThat(report.salvaged()).isEqualTo(1);
    assertThat(report.archives()).hasSize(2).allMatch(a -> a.epoch() == 1);
    assertThat(at.entries()).isEqualTo(Map.of("a", "one", "b", "of b"));
    assertThat(at.healthy.list(at.base.inbox())).isEmpty();
    assertThat(at.verify().sound()).isTrue();
  }

  @Test
  void theSecondTimeChangesNothing() throws Exception {
    Merging at = new Merging(root);
    at.batch(W, 1, "a", "one");
    recover(at, at.healthy);
    Map<Path, Long> before = stamps();
    RecoveryReport again = recover(at, at.healthy);
    assertThat(again.archives()).isEmpty();
    assertThat(stamps()).isEqualTo(before);
  }

  private Map<Path, Long> stamps() throws IOException {
    Map<Path, Long> found = new TreeMap<>();
    for (Path file : Merging.files(root)) {
      found.put(file, Files.getLastModifiedTime(file).toMillis());
    }
    return found;
  }

  @Test
  void leavesWhatAMemberHolds() throws Exception {
    Merging at = new Merging(root);
    at.batch(W, 1, "a", "one");
    BatchWriter live = open(at, V, 1, "b");
    Files.createDirectories(at.base.lock(Merging.ARCHIVE).getParent());
    Files.createFile(at.base.lock(Merging.ARCHIVE));
    RecoveryReport report;
    try (ChildProcess coordinator = ChildProcess.holding(at.base.lock(Merging.ARCHIVE))) {
      assertThat(coordinator.isAlive()).isTrue();
      report = recover(at, at.healthy);
    }
    assertThat(report.succeeded()).isTrue();
    assertThat(report.complete()).isFalse();
    assertThat(report.archives())
        .singleElement()
        .satisfies(a -> assertThat(a.state()).isEqualTo(RecoveryReport.State.BUSY));
    assertThat(report.held()).hasSize(1);
    assertThat(at.entries()).isEmpty();
    live.seal();
    assertThat(recover(at, at.healthy).complete()).isTrue();
    assertThat(at.entries()).containsOnlyKeys("a", "b");
  }

  @Test
  void anArchiveThatDisagreesIsNamedAndStopsNoOther() throws Exception {
    Merging at = new Merging(root);
    at.batch(W, 1, "a", "one");
    recover(at, at.healthy);
    Files.write(at.archive(), new byte[] {1, 2, 3});
    at.batch(W, 2, "b", "two");
    at.batch(W, 1, 1, Compression.STORED, "other.zip", "x", "y");
    RecoveryReport report = recover(at, at.healthy);
    assertThat(report.succeeded()).isFalse();
    assertThat(report.archives())
        .extracting(RecoveryReport.Archive::state)
        .containsExactly(RecoveryReport.State.FAILED, RecoveryReport.State.MERGED);
    assertThat(Files.readAllBytes(at.archive())).containsExactly(1, 2, 3);
  }

  @Test
  void aRecoveryThatCrashedAnywhereIsFinishedByTheNext() throws Exception {
    int n = 1;
    while (crashes(n)) {
      n++;
    }
    assertThat(n).isGreaterThan(20);
  }

  private boolean crashes(int n) throws Exception {
    Merging at = new Merging(root.resolve("base" + n));
    at.batch(W, 1, "a", "one");
    at.merge();
    at.batch(W, 2, "b", "two");
    open(at, V, 1, "c").abandon();
    FaultyDisk faulty = FaultyDisk.crashing(at.healthy, n);
    try {
      RecoveryReport report = recover(at, faulty.disk());
      assertThat(report.complete()).isNotEqualTo(faulty.happened());
    } catch (IOException e) {
      assertThat(faulty.happened()).as(String.valueOf(e)).isTrue();
    } finally {
      faulty.endProcess();
    }
    RecoveryReport report = recover(at, at.healthy);
    assertThat(report.complete()).as(report.toString()).isTrue();
    SortedMap<String, String> wanted = new TreeMap<>(Map.of("a", "one", "b", "two", "c", "of c"));
    at.assertMerged(wanted);
    assertThat(recover(at, at.healthy).archives()).isEmpty();
    return faulty.happened();
  }

  private static final OfflineRecovery.Options ACCEPT =
      new OfflineRecovery.Options(1, false, Set.of(Merging.ARCHIVE));

  @Test
  void takesAnArchiveAsItIsAndNothingComesTwice() throws Exception {
    Merging at = new Merging(root);
    Path batch = at.batch(W, 1, "a", "one");
    byte[] copy = Files.readAllBytes(batch);
    recover(at, at.healthy);
    byte[] old = Files.readAllBytes(at.archive());
    at.batch(W, 2, "b", "two");
    recover(at, at.healthy);
    Files.write(at.archive(), old);
    at.batch(W, 3, "c", "three");
    assertThat(recover(at, at.healthy).succeeded()).isFalse();
    RecoveryReport report = recover(at, ACCEPT);
    assertThat(report.complete()).as(report.toString()).isTrue();
    assertThat(report.archives().get(0).said())
        .singleElement()
        .asString()
        .contains("1 entries", "2, and what is missing");
    at.assertMerged(new TreeMap<>(Map.of("a", "one", "c", "three")));
    // It is remembered that this one was merged.
    Files.createDirectories(batch.getParent());
    Files.write(batch, copy);
    assertThat(recover(at, at.healthy).complete()).isTrue();
    assertThat(at.entries()).hasSize(2);
    assertThat(recover(at, ACCEPT).archives().get(0).said())
        .containsExactly("it is as its ledger says: there is nothing to accept");
  }

  @Test
  void takesTheLossOfAnArchive() throws Exception {
    Merging at = new Merging(root);
    at.batch(W, 1, "a", "one");
    recover(at, at.healthy);
    Files.delete(at.archive());
    at.batch(W, 2, "b", "two");
    assertThat(recover(at, ACCEPT).complete()).isTrue();
    at.assertMerged(new TreeMap<>(Map.of("b", "two")));
  }

  @Test
  void acceptsNoBrokenZip() throws Exception {
    Merging at = new Merging(root);
    at.batch(W, 1, "a", "one");
    recover(at, at.healthy);
    Files.write(at.archive(), new byte[] {1, 2, 3});
    RecoveryReport report = recover(at, ACCEPT);
    assertThat(report.succeeded()).isFalse();
    assertThat(report.archives().get(0).problem()).contains("no whole zip");
    assertThat(Files.readAllBytes(at.archive())).containsExactly(1, 2, 3);
  }

  private static final OfflineRecovery.Options RETRY =
      new OfflineRecovery.Options(1, true, Set.of());

  @Test
  void takesBackABatchThatIsWholeAgain() throws Exception {
    Merging at = new Merging(root);
    Path batch = at.batch(W, 1, "a", "one");
    byte[] whole = Files.readAllBytes(batch);
    Files.write(batch, new byte[] {1, 2, 3});
    assertThat(recover(at, at.healthy).complete()).isFalse();
    Path kept = at.quarantined().get(0).path();
    RecoveryReport still = recover(at, RETRY);
    assertThat(still.retried()).singleElement().matches(r -> !r.taken());
    assertThat(kept).exists();
    Files.write(kept, whole);
    RecoveryReport report = recover(at, RETRY);
    assertThat(report.retried()).singleElement().matches(RecoveryReport.Retried::taken);
    assertThat(report.complete()).isTrue();
    assertThat(at.entries()).isEqualTo(Map.of("a", "one"));
    assertThat(Merging.files(at.base.quarantines())).isEmpty();
  }

  @Test
  void leavesABatchInQuarantineWhoseNumberWasMerged() throws Exception {
    Merging at = new Merging(root);
    byte[] other = Files.readAllBytes(at.batch(W, 1, "other", "of the same number"));
    Files.delete(at.base.batch(Merging.ARCHIVE, W, 1));
    at.batch(W, 1, "a", "one");
    recover(at, at.healthy);
    Path kept = at.base.quarantine(Merging.ARCHIVE).resolve(W + "-1.zip");
    Files.createDirectories(kept.getParent());
    Files.write(kept, other);
    Files.writeString(kept.resolveSibling(kept.getFileName() + ".reason"), "another one\n");
    RecoveryReport report = recover(at, RETRY);
    assertThat(report.retried().get(0).what()).contains("merged already");
    assertThat(kept).hasBinaryContent(other);
    assertThat(at.entries()).containsOnlyKeys("a");
  }

  /** An entry whose contents were flipped, in quarantine; returns its file, repaired or not. */
  private static Path entryInQuarantine(Merging at, boolean repair) throws Exception {
    Path batch = at.batch(W, 1, "good", "kept", "d/bad", "contents");
    byte[] bytes = Files.readAllBytes(batch);
    int place = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("contents");
    bytes[place] ^= 1;
    Files.write(batch, bytes);
    recover(at, at.healthy);
    assertThat(at.entries()).containsOnlyKeys("good");
    Path kept = at.quarantined().get(0).path();
    assertThat(kept.toString()).endsWith(".entry");
    if (repair) {
      byte[] piece = Files.readAllBytes(kept);
      piece[new String(piece, StandardCharsets.ISO_8859_1).indexOf("bontents")] ^= 1;
      Files.write(kept, piece);
    }
    return kept;
  }

  @Test
  void takesBackAnEntryThatIsWholeAgain() throws Exception {
    Merging at = new Merging(root);
    Path kept = entryInQuarantine(at, false);
    assertThat(recover(at, RETRY).retried().get(0).what()).contains("checksum");
    assertThat(kept).exists();
    at = new Merging(root.resolve("repaired"));
    entryInQuarantine(at, true);
    assertThat(recover(at, RETRY).complete()).isTrue();
    at.assertMerged(new TreeMap<>(Map.of("good", "kept", "d/bad", "contents")));
    assertThat(Merging.files(at.base.quarantines())).isEmpty();
    assertThat(recover(at, RETRY).archives()).isEmpty();
  }

  @Test
  void takesBackABatchOfSeveralArchivesThatIsWholeAgain() throws Exception {
    Merging at = new Merging(root);
    BatchWriter.Origin origin = new BatchWriter.Origin("s", W, Manifest.MIXED, 1);
    BatchWriter writer =
        BatchWriter.open(at.healthy, at.base, origin, Compression.STORED, false, Clock.systemUTC());
    for (String archive : List.of(Merging.ARCHIVE, "other.zip")) {
      ByteBuffer contents = ByteBuffer.wrap(Merging.bytes("in " + archive));
      writer.append(
          List.of(
              PreparedEntry.of(
                  new MixedPart(archive, 1), "x", Merging.NOW, contents, Compression.STORED)));
    }
    writer.seal();
    Path kept = at.base.quarantine(Manifest.MIXED).resolve(W + "-1.zip");
    Files.createDirectories(kept.getParent());
    byte[] whole = Files.readAllBytes(at.base.batch(Manifest.MIXED, W, 1));
    Files.delete(at.base.batch(Manifest.MIXED, W, 1));
    Files.write(kept, new byte[] {1, 2, 3});
    Files.writeString(kept.resolveSibling(kept.getFileName() + ".reason"), "no zip\n");
    assertThat(recover(at, RETRY).retried()).singleElement().matches(r -> !r.taken());
    Files.write(kept, whole);
    RecoveryReport report = recover(at, RETRY);
    assertThat(report.complete()).as(report.toString()).isTrue();
    assertThat(report.retried()).singleElement().matches(RecoveryReport.Retried::taken);
    assertThat(at.entries()).isEqualTo(Map.of("x", "in " + Merging.ARCHIVE));
    assertThat(at.base.archive("other.zip")).exists();
    assertThat(Merging.files(at.base.quarantines())).isEmpty();
    assertThat(Merging.files(at.base.inbox())).isEmpty();
    // Its parts are merged now: a second one of that number stays.
    Files.createDirectories(kept.getParent());
    Files.write(kept, whole);
    Files.writeString(kept.resolveSibling(kept.getFileName() + ".reason"), "another\n");
    assertThat(recover(at, RETRY).retried().get(0).what()).contains("merged already");
  }

  @Test
  void aRetryThatCrashedAnywhereTakesEachThingOnce() throws Exception {
    int n = 1;
    while (retryCrashes(n)) {
      n++;
    }
    assertThat(n).isGreaterThan(20);
  }

  private boolean retryCrashes(int n) throws Exception {
    Merging at = new Merging(root.resolve("base" + n));
    entryInQuarantine(at, true);
    Path batch = at.batch(V, 1, "e", "five");
    Path kept = at.base.quarantine(Merging.ARCHIVE).resolve(V + "-1.zip");
    Files.move(batch, kept);
    Files.writeString(kept.resolveSibling(kept.getFileName() + ".reason"), "was broken\n");
    // Under this policy an entry that came twice would be in quarantine.
    FaultyDisk faulty = FaultyDisk.crashing(at.healthy, n);
    MergePolicy policy = MergePolicy.simple(Duplicates.ERROR);
    try {
      new OfflineRecovery(faulty.disk(), at.base, policy, "r-1-aaaaaa", Clock.systemUTC())
          .run(RETRY, (done, of, last) -> {});
    } catch (IOException e) {
      assertThat(faulty.happened()).as(String.valueOf(e)).isTrue();
    } finally {
      faulty.endProcess();
    }
    RecoveryReport report =
        new OfflineRecovery(at.healthy, at.base, policy, "r-1-aaaaaa", Clock.systemUTC())
            .run(RETRY, (done, of, last) -> {});
    assertThat(report.complete()).as(report.toString()).isTrue();
    at.assertMerged(new TreeMap<>(Map.of("good", "kept", "d/bad", "contents", "e", "five")));
    return faulty.happened();
  }
}
