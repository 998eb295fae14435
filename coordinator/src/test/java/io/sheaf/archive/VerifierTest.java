package io.sheaf.archive;

import static io.sheaf.archive.Merging.ARCHIVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.sheaf.batch.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifierTest {
  private static final String W = "node7-4711-a1b2c3";

  @TempDir private Path root;
  private Merging at;

  @BeforeEach
  void mergeSomething() throws IOException {
    at = new Merging(root);
    at.batch(W, 1, 1, Compression.DEFLATED, ARCHIVE, "a", "text ".repeat(50), "ü", "two");
    at.batch(W, 2, "empty", "", "b", "three");
    at.merge();
  }

  private VerifyReport verify(boolean deep) throws IOException {
    return new Verifier(at.healthy, at.base).verify(deep);
  }

  @Test
  void eachByteOfAnArchiveCounts() throws IOException {
    byte[] whole = Files.readAllBytes(at.archive());
    for (int i = 0; i < whole.length; i++) {
      byte[] flipped = whole.clone();
      flipped[i] ^= (byte) (1 << i % 8);
      Files.write(at.archive(), flipped);
      for (boolean deep : new boolean[] {false, true}) {
        VerifyReport report = verify(deep);
        assertThat(report.sound()).as("byte " + i).isFalse();
        assertThat(report.archives().get(0).problems()).isNotEmpty();
      }
    }
    Files.write(at.archive(), whole);
    VerifyReport report = verify(true);
    assertThat(report.sound()).isTrue();
    assertThat(report.archives())
        .containsExactly(
            new VerifyReport.Archive(
                ARCHIVE, VerifyReport.Status.OK, 4, whole.length, 1, List.of()));
    System.out.println("flipped bytes of an archive: " + whole.length);
  }

  @Test
  void anArchiveThatIsGoneOrCutIsReported() throws IOException {
    byte[] whole = Files.readAllBytes(at.archive());
    Files.write(at.archive(), Arrays.copyOf(whole, whole.length - 1));
    assertThat(verify(false).archives().get(0).status()).isEqualTo(VerifyReport.Status.DAMAGED);
    Files.delete(at.archive());
    assertThat(verify(false).archives().get(0).status()).isEqualTo(VerifyReport.Status.GONE);
    assertThat(verify(true).sound()).isFalse();
  }

  @Test
  void aPendingBatchIsCheckedToo() throws IOException {
    Path batch = at.batch(W, 3, "c", "four");
    VerifyReport whole = verify(false);
    assertThat(whole.sound()).isTrue();
    assertThat(whole.pending()).hasSize(1);
    assertThat(whole.pending().get(0).entries()).isEqualTo(1);
    assertThat(whole.pending().get(0).bytes()).isEqualTo(4);
    byte[] bytes = Files.readAllBytes(batch);
    bytes[5] ^= 1;
    Files.write(batch, bytes);
    assertThat(verify(false).pending().get(0).problems()).hasSize(1);
    assertThat(verify(false).sound()).isFalse();
    Files.write(batch, new byte[10]);
    assertThat(verify(false).pending().get(0).problems()).hasSize(1);
  }

  @Test
  void aLedgerOrJournalThatCannotBeReadIsReported() throws IOException {
    Files.createDirectories(at.base.journal(ARCHIVE).getParent());
    Files.writeString(at.base.journal(ARCHIVE), "{");
    assertThat(verify(false).sound()).isFalse();
    Files.delete(at.base.journal(ARCHIVE));
    byte[] ledger = Files.readAllBytes(at.base.ledger(ARCHIVE));
    for (String damage : new String[] {"", "null", "{}", "{\"archive\":\"b/ar.zip\"}"}) {
      Files.writeString(at.base.ledger(ARCHIVE), damage);
      assertThat(verify(false).sound()).as(damage).isFalse();
    }
    Files.write(at.base.ledger(ARCHIVE), ledger);
    assertThat(verify(false).sound()).isTrue();
  }

  @Test
  void aJournalExcusesNoDamage() throws IOException {
    Ledger ledger = new LedgerStore(at.healthy, at.base).load(ARCHIVE);
    new JournalStore(at.healthy, at.base)
        .write(new Journal(Journal.VERSION, Journal.Strategy.REPLACE, 0, ledger, null, null));
    assertThat(verify(false).archives().get(0).status()).isEqualTo(VerifyReport.Status.MERGING);
    assertThat(verify(false).sound()).isTrue();
    byte[] bytes = Files.readAllBytes(at.archive());
    bytes[0] ^= 1;
    Files.write(at.archive(), bytes);
    assertThat(verify(false).sound()).isFalse();
  }

  @Test
  void showsWhatACrashLeftUntilTheNextMerge() throws IOException {
    Files.write(at.base.staged(ARCHIVE), new byte[1]);
    Files.write(at.base.image(ARCHIVE), new byte[1]);
    Path ledger = at.base.ledger(ARCHIVE);
    Files.write(ledger.resolveSibling(ledger.getFileName() + ".tmp"), new byte[1]);
    VerifyReport report = verify(false);
    assertThat(report.sound()).isTrue();
    assertThat(report.leftovers())
        .containsExactly(
            ".sheaf/ledger/b/ar.zip.json.tmp",
            ".sheaf/journal/b/ar.zip.new",
            ".sheaf/journal/b/ar.zip.image");
    at.batch(W, 2, "b", "two");
    at.merge();
    assertThat(verify(false).leftovers()).isEmpty();
  }

  @Test
  void showsQuarantineAndOpenBatches() throws IOException {
    Path inbox = Files.createDirectories(at.base.inbox(ARCHIVE));
    Files.write(inbox.resolve(W + "-9.zip.part"), new byte[0]);
    Files.writeString(inbox.resolve("x.zip"), "garbage");
    at.merge();
    VerifyReport report = verify(false);
    assertThat(report.open()).containsExactly(".sheaf/inbox/b/ar.zip/" + W + "-9.zip.part");
    assertThat(report.quarantined()).hasSize(1);
    assertThat(report.quarantined().get(0).path()).isEqualTo(".sheaf/quarantine/b/ar.zip/x.zip");
    assertThat(report.sound()).isTrue();
  }

  @Test
  void theViewShowsMergedAndPendingEntries() throws IOException {
    at.batch(W, 3, 3, Compression.DEFLATED, ARCHIVE, "c", "text ".repeat(50));
    ArchiveView view = new ArchiveView(at.healthy, at.base);
    assertThat(view.archives()).containsExactly(ARCHIVE);
    assertThat(view.list(ARCHIVE))
        .extracting(ArchiveView.Entry::name, ArchiveView.Entry::state)
        .containsExactly(
            tuple("a", ArchiveView.State.MERGED),
            tuple("ü", ArchiveView.State.MERGED),
            tuple("empty", ArchiveView.State.MERGED),
            tuple("b", ArchiveView.State.MERGED),
            tuple("c", ArchiveView.State.PENDING));
    for (Map.Entry<String, String> wanted :
        Map.of("ü", "two", "empty", "", "c", "text ".repeat(50)).entrySet()) {
      try (InputStream in = view.open(ARCHIVE, wanted.getKey()).orElseThrow()) {
        assertThat(in.readAllBytes()).isEqualTo(Merging.bytes(wanted.getValue()));
      }
    }
    assertThat(view.open(ARCHIVE, "none")).isEmpty();
    assertThat(view.list("none.zip")).isEmpty();
    assertThat(view.list(ARCHIVE).get(0).modified()).isEqualTo(Merging.NOW / 1000);
  }
}
