package io.sheaf.archive;

import static io.sheaf.archive.Merging.ARCHIVE;
import static io.sheaf.archive.Merging.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.batch.Quarantine;
import io.sheaf.batch.Target;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.conf.Duplicates;
import io.sheaf.tree.PendingBatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConsolidatorTest {
  private static final String W = "node7-4711-a1b2c3";
  private static final String V = "node8-4712-d4e5f6";

  @TempDir private Path root;
  private Merging at;

  @BeforeEach
  void open() throws IOException {
    at = new Merging(root);
    at.commit = strategy();
  }

  CommitStrategy strategy() {
    return CommitStrategy.REPLACE;
  }

  @Test
  void mergesTheFirstBatchAndAppendsTheNext() throws IOException {
    PendingBatch first = at.published(at.batch(W, 1, "a", "one", "d/b", "two"));
    MergeOutcome outcome = at.merge(first);
    assertThat(outcome.epoch()).isEqualTo(1);
    assertThat(outcome.entries()).isEqualTo(2);
    assertThat(outcome.bytes()).isEqualTo(6);
    assertThat(outcome.settled()).containsExactly(new MergeOutcome.Settled(W, 1));
    assertThat(outcome.missing()).isEmpty();
    at.assertMerged(Map.of("a", "one", "d/b", "two"));
    at.batch(W, 2, "c", "three");
    assertThat(at.merge().epoch()).isEqualTo(2);
    at.assertMerged(Map.of("a", "one", "d/b", "two", "c", "three"));
    MergeOutcome none = at.merge(first);
    assertThat(none.epoch()).isEqualTo(2);
    assertThat(none.settled()).containsExactly(new MergeOutcome.Settled(W, 1));
    SessionTotals totals = SessionTotals.of(at.healthy, at.base, "s");
    assertThat(totals.batches()).isEqualTo(2);
    assertThat(totals.entries()).isEqualTo(3);
    assertThat(totals.merges()).isEqualTo(2);
    assertThat(totals.archives()).isEqualTo(1);
  }

  @Test
  void takesBatchesInTheOrderOfTheirClosing() throws IOException {
    at.duplicates = Duplicates.FIRST;
    at.batch(W, 1, 30, Compression.STORED, ARCHIVE, "a", "third");
    at.batch(W, 2, 10, Compression.STORED, ARCHIVE, "a", "first");
    at.batch(V, 1, 20, Compression.STORED, ARCHIVE, "a", "second");
    at.duplicates = Duplicates.ALL;
    at.merge();
    at.assertMerged(Map.of("a", "first", "a~2", "second", "a~3", "third"));
  }

  @Test
  void theSameBytesCollapseHoweverTheyAreKept() throws IOException {
    String text = "line\n".repeat(100);
    at.batch(W, 1, "d/a.txt", text, "d/a.txt", text, ".profile", "x", "d.e/plain", "y");
    at.batch(W, 2, 2, Compression.DEFLATED, ARCHIVE, "d/a.txt", text, "d/a.txt", text + "more");
    at.batch(W, 3, 3, Compression.DEFLATED, ARCHIVE, ".profile", "z", "d.e/plain", "w");
    MergeOutcome outcome = at.merge();
    assertThat(outcome.collapsed()).isEqualTo(2);
    assertThat(outcome.renamed()).isEqualTo(3);
    at.batch(W, 4, "d/a.txt", text + "more", "d/a.txt", text + "still more");
    assertThat(at.merge().collapsed()).isEqualTo(1);
    at.assertMerged(
        Map.of(
            "d/a.txt", text,
            "d/a~2.txt", text + "more",
            "d/a~3.txt", text + "still more",
            ".profile", "x",
            ".profile~2", "z",
            "d.e/plain", "y",
            "d.e/plain~2", "w"));
    at.batch(W, 5, "d/a.txt", text);
    assertThat(at.merge().epoch()).isEqualTo(3);
    assertThat(at.verify().sound()).isTrue();
  }

  @Test
  void firstKeepsTheFirstAndErrorPutsTheOtherAside() throws IOException {
    at.batch(W, 1, "a", "one");
    at.merge();
    at.duplicates = Duplicates.FIRST;
    at.batch(W, 2, "a", "two", "b", "new");
    assertThat(at.merge().collapsed()).isEqualTo(1);
    at.duplicates = Duplicates.ERROR;
    at.batch(W, 3, "a", "three", "c", "new");
    MergeOutcome outcome = at.merge();
    assertThat(outcome.quarantined()).hasSize(1);
    byte[] kept = Files.readAllBytes(outcome.quarantined().get(0).path());
    assertThat(new String(kept, StandardCharsets.ISO_8859_1)).endsWith("three");
    at.assertMerged(Map.of("a", "one", "b", "new", "c", "new"));
  }

  @Test
  void aBatchThatComesAgainIsMergedOnce() throws IOException {
    Path batch = at.batch(W, 1, "a", "one");
    byte[] copy = Files.readAllBytes(batch);
    Files.write(batch.resolveSibling("by-another-way.zip"), copy);
    assertThat(at.merge().entries()).isEqualTo(1);
    at.assertMerged(Map.of("a", "one"));
    Files.createDirectories(batch.getParent());
    Files.write(batch, copy);
    MergeOutcome again = at.merge();
    assertThat(again.entries()).isZero();
    assertThat(again.epoch()).isEqualTo(1);
    at.assertMerged(Map.of("a", "one"));
  }

  @Test
  void whatIsNoBatchOfTheArchiveGoesToQuarantineAndTheRestIsMerged() throws IOException {
    Path other = at.batch(V, 1, 1, Compression.STORED, "other.zip", "x", "y");
    Path good = at.batch(W, 1, "a", "one");
    byte[] whole = Files.readAllBytes(good);
    Path inbox = at.base.inbox(ARCHIVE);
    Files.move(other, inbox.resolve(other.getFileName()));
    Files.write(inbox.resolve("garbage.zip"), bytes("no zip at all"));
    Files.write(inbox.resolve(W + "-2.zip"), Arrays.copyOf(whole, whole.length - 1));
    for (String comment : List.of("null", "{}", "[ ]", "{\"version\":1,\"seq\":-1}")) {
      Files.write(inbox.resolve("comment" + comment.length() + ".zip"), emptyZip(comment));
    }
    MergeOutcome outcome = at.merge();
    assertThat(outcome.quarantined()).hasSize(7);
    assertThat(outcome.settled()).contains(new MergeOutcome.Settled(W, 2));
    at.assertMerged(Map.of("a", "one"));
    assertThat(at.quarantined()).hasSize(7).allMatch(item -> !item.reason().isBlank());
    Files.createDirectories(inbox);
    Files.write(inbox.resolve("garbage.zip"), bytes("other garbage"));
    at.merge();
    assertThat(at.quarantined()).hasSize(8);
    assertThat(at.base.quarantine(ARCHIVE).resolve("garbage.zip")).hasContent("no zip at all");
    assertThat(at.base.quarantine(ARCHIVE).resolve("garbage.zip~2")).hasContent("other garbage");
  }

  private static byte[] emptyZip(String comment) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setComment(comment);
    }
    return bytes.toByteArray();
  }

  @Test
  void aBatchInQuarantineIsSettledThoughACrashCameBetween() throws IOException {
    Path batch = at.batch(W, 1, "a", "one");
    PendingBatch published = at.published(batch);
    Files.write(batch, bytes("x".repeat((int) published.size())));
    at.merge();
    MergeOutcome again = at.merge(published);
    assertThat(again.missing()).isEmpty();
    assertThat(again.settled()).containsExactly(new MergeOutcome.Settled(W, 1));
  }

  @ParameterizedTest
  @EnumSource
  void aFlippedByteInAnEntryPutsThatOneAside(Compression compression) throws IOException {
    String text = "some text that is long enough ".repeat(20);
    Path batch =
        at.batch(W, 1, 1, compression, ARCHIVE, "a", text, "bad", text + "!", "c", text + "?");
    byte[] bytes = Files.readAllBytes(batch);
    int header = indexOf(bytes, bytes("bad"));
    bytes[header + 20] ^= 8;
    Files.write(batch, bytes);
    MergeOutcome outcome = at.merge();
    assertThat(outcome.quarantined()).hasSize(1);
    assertThat(outcome.quarantined().get(0).reason()).contains("bad").contains("checksum");
    assertThat(indexOf(bytes, Files.readAllBytes(outcome.quarantined().get(0).path())))
        .isEqualTo(header - 30);
    at.assertMerged(Map.of("a", text, "c", text + "?"));
  }

  private static int indexOf(byte[] where, byte[] what) {
    for (int i = 0; i + what.length <= where.length; i++) {
      if (Arrays.equals(where, i, i + what.length, what, 0, what.length)) {
        return i;
      }
    }
    throw new AssertionError("not found");
  }

  /** Every byte of region and directory, flipped: each entry is merged or its bytes are kept. */
  @Test
  void whateverByteOfABatchIsFlippedNothingIsLost() throws IOException {
    Path batch = at.batch(W, 1, "one", "1111", "two", "2222", "three", "3333");
    byte[] whole = Files.readAllBytes(batch);
    for (int i = 0; i < whole.length; i++) {
      Merging here = new Merging(root.resolve("flip" + i));
      byte[] flipped = whole.clone();
      flipped[i] ^= (byte) (1 << i % 8);
      Path copy = here.base.inbox(ARCHIVE).resolve(batch.getFileName());
      Files.createDirectories(copy.getParent());
      Files.write(copy, flipped);
      here.merge();
      StringBuilder kept = new StringBuilder();
      for (Quarantine.Item item : here.quarantined()) {
        kept.append(new String(Files.readAllBytes(item.path()), StandardCharsets.ISO_8859_1));
      }
      for (String contents : List.of("1111", "2222", "3333")) {
        boolean changed =
            indexOf(whole, bytes(contents)) <= i && i < indexOf(whole, bytes(contents)) + 4;
        assertThat(here.entries().containsValue(contents) || changed || kept.indexOf(contents) >= 0)
            .as("byte " + i + ": " + contents)
            .isTrue();
      }
      assertThat(here.verify().sound()).as("byte " + i).isTrue();
      assertThat(Merging.files(here.base.inbox())).isEmpty();
    }
    System.out.println("flipped bytes of a batch: " + whole.length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "encrypted",
        "descriptor",
        "method",
        "name ..",
        "name /",
        "name \\",
        "name NUL",
        "invalid UTF-8",
        "symlink",
        "device",
        "offset",
        "negative size",
        "overlap",
      })
  void theGateKeepsOutWhatReadersRefuse(String what) throws IOException {
    Path batch = at.batch(W, 1, "good", "1", "b/d", "2", "last", "3");
    at.patch(batch, (region, directory) -> spoil(what, region, directory));
    MergeOutcome outcome = at.merge();
    assertThat(outcome.quarantined()).isNotEmpty();
    assertThat(outcome.quarantined().get(0).reason()).isNotBlank();
    assertThat(outcome.entries()).isEqualTo(2);
    at.assertMerged(Map.of("good", "1", "last", "3"));
  }

  private static void spoil(String what, byte[] region, byte[] directory) {
    int local = indexOf(region, bytes("b/d")) - 30;
    int record = indexOf(directory, bytes("b/d")) - 46;
    switch (what) {
      case "encrypted" -> both(region, local + 6, directory, record + 8, 1);
      case "descriptor" -> both(region, local + 6, directory, record + 8, 8);
      case "method" -> both(region, local + 8, directory, record + 10, 93);
      case "name .." -> name(region, local, directory, record, "../");
      case "name /" -> name(region, local, directory, record, "/ab");
      case "name \\" -> name(region, local, directory, record, "a\\b");
      case "name NUL" -> name(region, local, directory, record, "a\0b");
      case "invalid UTF-8" -> {
        both(region, local + 7, directory, record + 9, 8);
        both(region, local + 30, directory, record + 46, 0xFF);
      }
      case "symlink" -> directory[record + 41] = (byte) 0xA1;
      case "device" -> directory[record + 41] = (byte) 0x61;
      case "offset" -> directory[record + 44] = 77;
      case "negative size" -> {
        for (int i = 0; i < 8; i++) {
          both(region, local + 18 + i, directory, record + 20 + i, 0xFF);
        }
      }
      case "overlap" -> directory[record + 42] = 0;
      default -> throw new AssertionError(what);
    }
  }

  private static void both(byte[] region, int r, byte[] directory, int d, int value) {
    region[r] = (byte) value;
    directory[d] = (byte) value;
  }

  private static void name(byte[] region, int local, byte[] directory, int record, String name) {
    System.arraycopy(bytes(name), 0, region, local + 30, 3);
    System.arraycopy(bytes(name), 0, directory, record + 46, 3);
  }

  @Test
  void anArchiveThatWasThereIsKeptAndAppendedTo() throws IOException {
    Files.createDirectories(at.archive().getParent());
    try (OutputStream out = Files.newOutputStream(at.archive());
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setComment("mine");
      zip.putNextEntry(new ZipEntry("old"));
      zip.write(bytes("before"));
      zip.closeEntry();
    }
    at.batch(W, 1, "old", "before", "new", "after");
    MergeOutcome outcome = at.merge();
    assertThat(outcome.epoch()).isEqualTo(1);
    assertThat(outcome.collapsed()).isEqualTo(1);
    assertThat(at.entries()).isEqualTo(Map.of("old", "before", "new", "after"));
    try (ZipFile zip = new ZipFile(at.archive().toFile())) {
      assertThat(zip.getComment()).isEqualTo("mine");
    }
    assertThat(new Verifier(at.healthy, at.base).verify(false).sound()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"changed", "longer", "gone", "no zip before", "after nothing"})
  void anArchiveThatSomebodyTouchedIsLeftAsItIs(String how) throws IOException {
    boolean before = how.equals("no zip before");
    if (how.equals("after nothing")) {
      at.duplicates = Duplicates.ALL;
      Path bad = at.batch(W, 1, "b/d", "2");
      at.patch(bad, (region, directory) -> spoil("name ..", region, directory));
      at.merge();
    } else if (!before) {
      at.batch(W, 1, "a", "one");
      at.merge();
    }
    byte[] touched = touch(how);
    Path batch = at.batch(W, 2, "b", "two");
    assertThatThrownBy(at::merge)
        .isInstanceOf(ArchiveDisagreesException.class)
        .hasMessageContaining(ARCHIVE);
    assertThat(batch).exists();
    if (how.equals("gone")) {
      assertThat(at.archive()).doesNotExist();
      assertThat(at.verify().archives().get(0).status()).isEqualTo(VerifyReport.Status.GONE);
      assertThat(at.verify().sound()).isFalse();
    } else {
      assertThat(Files.readAllBytes(at.archive())).isEqualTo(touched);
    }
  }

  private byte[] touch(String how) throws IOException {
    Path archive = at.archive();
    Files.createDirectories(archive.getParent());
    byte[] bytes = Files.exists(archive) ? Files.readAllBytes(archive) : bytes("by hand");
    switch (how) {
      case "changed" -> bytes[bytes.length / 2] ^= 1;
      case "longer" -> bytes = Arrays.copyOf(bytes, bytes.length + 1);
      default -> {}
    }
    Files.write(archive, bytes);
    if (how.equals("gone")) {
      Files.delete(archive);
    }
    return bytes;
  }

  @Test
  void aPublishedBatchWithoutAFileIsReported() throws IOException {
    Path batch = at.batch(W, 1, "a", "one");
    PendingBatch published = at.published(batch);
    byte[] bytes = Files.readAllBytes(batch);
    Files.delete(batch);
    MergeOutcome outcome = at.merge(published);
    assertThat(outcome.missing()).containsExactly(published);
    assertThat(outcome.settled()).isEmpty();
    // Shorter than it was published: an attribute cache, and no reason for quarantine.
    Files.write(batch, Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(at.merge(published).missing()).containsExactly(published);
    Files.write(batch, bytes);
    assertThat(at.merge(published).missing()).isEmpty();
    at.assertMerged(Map.of("a", "one"));
  }

  @Test
  void aLostClaimCommitsNothing() throws IOException {
    at.batch(W, 1, "a", "one");
    MergeGuard lost =
        () -> {
          throw new IOException("the claim is lost");
        };
    Consolidator consolidator =
        new Consolidator(
            at.healthy,
            at.base,
            MergePolicy.simple(Duplicates.ALL),
            "c-1-aaaaaa",
            "s",
            Clock.systemUTC());
    assertThatThrownBy(() -> consolidator.merge(ARCHIVE, List.of(), lost))
        .hasMessage("the claim is lost");
    assertThat(at.archive()).doesNotExist();
    at.merge();
    at.assertMerged(Map.of("a", "one"));
  }

  @Test
  void anArchiveHoldsMoreEntriesThanPlainZip() throws IOException {
    int count = 0;
    for (int seq = 1; seq <= 2; seq++) {
      BatchWriter.Origin origin = new BatchWriter.Origin("s", W, ARCHIVE, seq);
      BatchWriter batch =
          BatchWriter.open(
              at.healthy, at.base, origin, Compression.STORED, false, Clock.systemUTC());
      List<PreparedEntry> entries = new ArrayList<>();
      for (int i = 0; i < 35_000; i++) {
        String name = "f" + count++;
        entries.add(PreparedEntry.of(name, 0, ByteBuffer.wrap(bytes(name)), Compression.STORED));
      }
      batch.append(entries);
      batch.seal();
    }
    at.merge();
    at.batch(W, 3, "f69999", "f69999", "last", "1");
    at.merge();
    assertThat(at.entries()).hasSize(70_001).containsEntry("f65536", "f65536");
    assertThat(at.verify().sound()).isTrue();
    assertThat(at.verify().archives().get(0).entries()).isEqualTo(70_001);
  }

  @Test
  void theLongestNameIsTakenByEveryReader() throws IOException {
    String name = "n".repeat(Target.MAX_ENTRY_BYTES);
    at.batch(W, 1, name, "one");
    at.batch(W, 2, name, "two");
    MergeOutcome outcome = at.merge();
    assertThat(outcome.entries()).isEqualTo(1);
    assertThat(outcome.quarantined()).hasSize(1);
    at.assertMerged(Map.of(name, "one"));
  }
}
