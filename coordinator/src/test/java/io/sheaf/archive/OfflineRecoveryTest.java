package io.sheaf.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.conf.Duplicates;
import io.sheaf.disk.ChildProcess;
import io.sheaf.disk.Disk;
import io.sheaf.disk.FaultyDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
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
        .run(2, (done, of, last) -> {});
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
}
