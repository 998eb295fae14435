package io.sheaf.archive;

import static io.sheaf.archive.Merging.ARCHIVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.batch.Compression;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.InDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerFoldTest {
  private static final String W = "node7-4711-a1b2c3";
  private static final MergeGuard ALONE = () -> {};

  @TempDir private Path root;
  private Merging at;
  private Path own;

  @BeforeEach
  void open() throws IOException {
    at = new Merging(root);
    own = at.base.ledger(ARCHIVE);
  }

  private long fold() throws IOException {
    return new LedgerFold(at.healthy, at.base, ALONE).run();
  }

  private LedgerStore ledgers() {
    return new LedgerStore(at.healthy, at.base);
  }

  private void mergedAndFolded() throws IOException {
    at.batch(W, 1, "a", "one");
    at.merge();
    assertThat(fold()).isEqualTo(1);
    assertThat(own).doesNotExist();
  }

  @Test
  void whatWasMergedIsKnownAfterwards() throws IOException {
    Path batch = at.batch(W, 1, "a", "one");
    byte[] bytes = Files.readAllBytes(batch);
    at.merge();
    Ledger before = ledgers().load(ARCHIVE);
    assertThat(fold()).isEqualTo(1);
    assertThat(own).doesNotExist();
    assertThat(ledgers().load(ARCHIVE)).isEqualTo(before);
    assertThat(ledgers().archives()).containsExactly(ARCHIVE);
    Files.write(batch, bytes);
    MergeOutcome again = at.merge();
    assertThat(again.entries()).isZero();
    assertThat(again.collapsed()).isZero();
    assertThat(batch).doesNotExist();
    assertThat(at.entries()).isEqualTo(Map.of("a", "one"));
    assertThat(at.verify().sound()).isTrue();
  }

  @Test
  void aMergeAfterItHasAFileOfItsOwnWhichComesFirst() throws IOException {
    mergedAndFolded();
    at.batch(W, 2, "b", "two");
    at.merge();
    assertThat(own).exists();
    assertThat(ledgers().load(ARCHIVE).epoch()).isEqualTo(2);
    assertThat(fold()).isEqualTo(1);
    assertThat(ledgers().load(ARCHIVE).epoch()).isEqualTo(2);
    at.batch(W, 3, "c", "three");
    at.merge();
    at.assertMerged(Map.of("a", "one", "b", "two", "c", "three"));
  }

  @Test
  void whatIsDamagedIsTouchedByNobody() throws IOException {
    mergedAndFolded();
    Path batch = at.batch(W, 2, "b", "two");
    byte[] whole = Files.readAllBytes(at.base.folded());
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 1;
      Files.write(at.base.folded(), damaged);
      assertThatThrownBy(() -> ledgers().find(ARCHIVE))
          .as("byte %d", i)
          .isInstanceOf(ArchiveDisagreesException.class)
          .hasMessageContaining("ledgers.json");
    }
    Files.write(at.base.folded(), new byte[0]);
    assertThatThrownBy(at::merge).hasMessageContaining("ledgers.json is damaged");
    at.batch(W, 1, 1, Compression.STORED, "new.zip", "x", "y");
    assertThatThrownBy(() -> ledgers().load("new.zip")).hasMessageContaining("is damaged");
    VerifyReport report = at.verify();
    assertThat(report.sound()).isFalse();
    assertThat(report.problems()).singleElement().asString().contains("ledgers.json is damaged");
    assertThat(batch).exists();
    Files.write(at.base.folded(), whole);
    at.merge();
    assertThat(at.entries()).isEqualTo(Map.of("a", "one", "b", "two"));
  }

  @Test
  void aFoldStopsAtADamagedFile() throws IOException {
    mergedAndFolded();
    at.batch(W, 2, "b", "two");
    at.merge();
    byte[] damaged = Merging.bytes("{}");
    Files.write(at.base.folded(), damaged);
    assertThatThrownBy(this::fold).isInstanceOf(ArchiveDisagreesException.class);
    assertThat(own).exists();
    assertThat(at.base.folded()).hasBinaryContent(damaged);
  }

  @Test
  void itsLossIsNoticed() throws IOException {
    mergedAndFolded();
    Files.delete(at.base.folded());
    at.batch(W, 2, "b", "two");
    assertThatThrownBy(at::merge)
        .isInstanceOf(ArchiveDisagreesException.class)
        .hasMessageContaining("ledgers.json is gone")
        .hasMessageContaining("backup");
    assertThat(at.entries()).isEqualTo(Map.of("a", "one"));
  }

  @Test
  void anArchiveThatSomebodyHasKeepsItsFile() throws IOException {
    at.batch(W, 1, "a", "one");
    at.merge();
    try (DiskLock claim = InDirectory.tryLock(at.healthy, at.base.lock(ARCHIVE)).orElseThrow()) {
      assertThat(fold()).isZero();
      claim.ensureValid();
    }
    assertThat(own).exists();
    assertThat(fold()).isEqualTo(1);
    assertThat(at.base.lock(ARCHIVE)).doesNotExist();
  }

  @Test
  void twoAtOnceAreNot() throws IOException {
    at.batch(W, 1, "a", "one");
    at.merge();
    try (DiskLock other = InDirectory.tryLock(at.healthy, at.base.foldLock()).orElseThrow()) {
      assertThat(fold()).isZero();
      other.ensureValid();
    }
    assertThat(at.base.folded()).doesNotExist();
  }

  @Test
  void whatCannotBeReadOrIsNotAsItShouldBeStays() throws IOException {
    at.batch(W, 1, "a", "one");
    at.merge();
    byte[] archive = Files.readAllBytes(at.archive());
    Files.write(at.archive(), new byte[] {1, 2, 3});
    assertThat(fold()).isZero();
    Files.write(at.archive(), archive);
    byte[] ledger = Files.readAllBytes(own);
    Files.writeString(own, "damaged");
    assertThat(fold()).isZero();
    assertThat(own).hasContent("damaged");
    Files.write(own, ledger);
    assertThat(fold()).isEqualTo(1);
  }

  @Test
  void theGuardIsAskedBeforeItIsSeen() throws IOException {
    at.batch(W, 1, "a", "one");
    at.merge();
    AtomicInteger asked = new AtomicInteger();
    MergeGuard lost =
        () -> {
          if (asked.incrementAndGet() == 2) {
            throw new IOException("lost");
          }
        };
    assertThatThrownBy(() -> new LedgerFold(at.healthy, at.base, lost).run()).hasMessage("lost");
    assertThat(at.base.folded()).doesNotExist();
    assertThat(own).exists();
  }

  @Test
  void whoHasReadItSeesTheNextOne() throws Exception {
    mergedAndFolded();
    LedgerStore reader = ledgers();
    assertThat(reader.load(ARCHIVE).epoch()).isEqualTo(1);
    at.batch(W, 2, "b", "two");
    at.merge();
    at.batch(W, 1, 1, Compression.STORED, "new.zip", "x", "y");
    new OfflineRecovery(at.healthy, at.base, at.policy(), "c-1-aaaaaa", Clock.systemUTC())
        .run(OfflineRecovery.Options.of(1), (done, of, last) -> {});
    assertThat(own).doesNotExist();
    assertThat(reader.load(ARCHIVE).epoch()).isEqualTo(2);
    assertThat(reader.archives()).containsExactly(ARCHIVE, "new.zip");
  }

  @Test
  void manyAreReadBack() throws IOException {
    LedgerStore store = ledgers();
    for (int i = 0; i < 1_000; i++) {
      store.commit(
          Ledger.of("d" + i % 7 + "/\u00e4 \"" + i + "\".zip", i + 1, EMPTY, 0, none(), none()));
    }
    assertThat(fold()).isEqualTo(1_000);
    for (int i = 0; i < 1_000; i++) {
      Optional<Ledger> found = store.find("d" + i % 7 + "/\u00e4 \"" + i + "\".zip");
      assertThat(found.orElseThrow().epoch()).isEqualTo(i + 1);
    }
    assertThat(store.archives()).hasSize(1_000);
    assertThat(store.find("other.zip")).isEmpty();
    assertThat(List.of(at.base.ledgers().toFile().list())).hasSize(7);
  }

  private static final Ledger.Contents EMPTY = Ledger.Contents.NONE;

  private static <T> SortedMap<String, T> none() {
    return new TreeMap<>();
  }
}
