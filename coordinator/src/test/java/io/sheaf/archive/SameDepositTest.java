package io.sheaf.archive;

import static io.sheaf.archive.Merging.ARCHIVE;
import static io.sheaf.archive.Merging.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.MixedPart;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.batch.Quarantine;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.conf.Duplicates;
import io.sheaf.disk.DiskFile;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.DepositId;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.DirectoryReader;
import io.sheaf.zip.EndRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Deposits that come twice, and what an entry is besides its bytes, through merges. */
class SameDepositTest {
  private static final String W = "node7-4711-a1b2c3";
  private static final String V = "node8-4712-d4e5f6";
  private static final Attributes ODD = Attributes.of(0100750).withOwner(70_000, 80_000);

  @TempDir private Path root;
  private Merging at;

  @BeforeEach
  void open() throws IOException {
    at = new Merging(root);
  }

  /** An entry of a batch. */
  private record Made(String name, String contents, Attributes attributes, @Nullable String id) {
    Made(String name, String contents, @Nullable String id) {
      this(name, contents, Attributes.FILE, id);
    }
  }

  private BatchWriter writer(String archive, String worker, long seq) throws IOException {
    BatchWriter.Origin origin = new BatchWriter.Origin("s", worker, archive, seq);
    Clock clock = Clock.fixed(Instant.ofEpochMilli(Merging.NOW + seq), ZoneOffset.UTC);
    return BatchWriter.open(at.healthy, at.base, origin, Compression.STORED, false, clock);
  }

  private static PreparedEntry prepared(@Nullable MixedPart part, Made made) {
    return PreparedEntry.of(
        part,
        made.name(),
        Merging.NOW,
        made.attributes(),
        made.id() == null ? null : DepositId.of(made.id()),
        ByteBuffer.wrap(bytes(made.contents())),
        Compression.STORED);
  }

  private void batch(String worker, long seq, Made... entries) throws IOException {
    BatchWriter batch = writer(ARCHIVE, worker, seq);
    for (Made made : entries) {
      batch.append(List.of(prepared(null, made)));
    }
    batch.seal();
  }

  private List<Attributes> attributes(String... names) throws IOException {
    List<Attributes> found = new ArrayList<>();
    try (DiskFile file = at.healthy.openForRead(at.archive())) {
      EndRecord end = EndRecord.read(file);
      for (String name : names) {
        new DirectoryReader(file, end.directoryOffset(), end.directoryLength())
            .forEach((entry, record) -> add(found, name, entry));
      }
    }
    return found;
  }

  private static boolean add(List<Attributes> found, String name, DirectoryCursor entry)
      throws IOException {
    if (entry.nameText().equals(name)) {
      found.add(entry.attributes());
    }
    return true;
  }

  @ParameterizedTest
  @EnumSource(Duplicates.class)
  void isInTheArchiveOnceUnderEveryPolicy(Duplicates policy) throws IOException {
    at.duplicates = policy;
    Made made = new Made("n", "the same", "id-1");
    batch(W, 1, new Made("a", "1", null), made, new Made("b", "2", "id-1"), made);
    at.merge();
    batch(W, 2, made);
    batch(V, 1, new Made("c", "3", null), made);
    MergeOutcome outcome = at.merge();
    assertThat(outcome.quarantined()).isEmpty();
    at.assertMerged(Map.of("a", "1", "n", "the same", "b", "2", "c", "3"));
  }

  @ParameterizedTest
  @EnumSource(CommitStrategy.class)
  void isFoundInAnArchiveThatWasThereWhateverTheStrategy(CommitStrategy strategy)
      throws IOException {
    at.duplicates = Duplicates.ERROR;
    at.commit = strategy;
    batch(W, 1, new Made("n".repeat(3_000), "the same", "id-1"));
    at.merge();
    batch(V, 1, new Made("c", "3", null), new Made("n".repeat(3_000), "the same", "id-1"));
    assertThat(at.merge().quarantined()).isEmpty();
    at.assertMerged(Map.of("c", "3", "n".repeat(3_000), "the same"));
  }

  @Test
  void isFoundInAPartOfABatchOfSeveralArchives() throws IOException {
    at.duplicates = Duplicates.ERROR;
    Made made = new Made("n", "the same", ODD, "id-1");
    batch(W, 1, made);
    BatchWriter mixed = writer(Manifest.MIXED, V, 1);
    MixedPart part = new MixedPart(ARCHIVE, 1);
    mixed.append(List.of(prepared(part, made), prepared(part, new Made("m", "2", ODD, "id-1"))));
    mixed.seal();
    assertThat(at.merge().quarantined()).isEmpty();
    at.assertMerged(Map.of("n", "the same", "m", "2"));
    assertThat(attributes("n", "m")).containsExactly(ODD, ODD);
  }

  @ParameterizedTest
  @EnumSource(Duplicates.class)
  void ofOneIdAndOtherContentsIsAMistakeAndKept(Duplicates policy) throws IOException {
    at.duplicates = policy;
    batch(W, 1, new Made("n", "the first", "id-1"));
    at.merge();
    batch(V, 1, new Made("n", "another", "id-1"));
    List<Quarantine.Item> kept = at.merge().quarantined();
    if (policy == Duplicates.ALL) {
      assertThat(kept).isEmpty();
      at.assertMerged(Map.of("n", "the first", "n~2", "another"));
    } else {
      assertThat(kept).hasSize(1);
      assertThat(kept.get(0).reason()).contains("deposit id", "other contents");
      assertThat(at.entries()).isEqualTo(Map.of("n", "the first"));
    }
  }

  @Test
  void ofAnotherIdIsAnotherDeposit() throws IOException {
    at.duplicates = Duplicates.ERROR;
    batch(W, 1, new Made("n", "the same", "id-1"));
    at.merge();
    batch(V, 1, new Made("n", "the same", "id-2"), new Made("m", "x", null));
    assertThat(at.merge().quarantined()).hasSize(1);
    batch(V, 2, new Made("m", "x", "id-1"));
    assertThat(at.merge().quarantined()).hasSize(1);
  }

  /** Renamed by the merge, and sent once more. */
  @Test
  void isFoundUnderTheNameThatItGot() throws IOException {
    batch(W, 1, new Made("n", "other", null));
    batch(V, 1, new Made("n", "mine", ODD, "id-1"));
    at.merge();
    batch(V, 2, new Made("n", "mine", ODD, "id-1"));
    at.merge();
    at.assertMerged(Map.of("n", "other", "n~2", "mine"));
    assertThat(attributes("n~2")).containsExactly(ODD);
  }

  @ParameterizedTest
  @EnumSource(Duplicates.class)
  void isFoundInAnEarlierVolume(Duplicates policy) throws IOException {
    at.duplicates = policy;
    at.maxEntries = 2;
    batch(W, 1, new Made("a", "1", "id-1"), new Made("b", "2", "id-2"));
    at.merge();
    batch(W, 2, new Made("c", "3", "id-3"), new Made("d", "4", "id-4"));
    at.merge();
    batch(V, 1, new Made("a", "1", "id-1"), new Made("e", "5", "id-1"));
    MergeOutcome outcome = at.merge();
    assertThat(outcome.quarantined()).isEmpty();
    assertThat(outcome.collapsed()).isEqualTo(1);
    // As one batch whose names are all new here, and with one that is not.
    batch(V, 2, new Made("d", "4", "id-4"), new Made("c", "3", "id-3"));
    batch(V, 3, new Made("e", "5", "id-1"), new Made("b", "2", "id-2"));
    assertThat(at.merge().quarantined()).isEmpty();
    batch(V, 4, new Made("a", "another", "id-9"), new Made("b", "2", null));
    assertThat(at.merge().quarantined()).isEmpty();
    Map<String, String> all = new TreeMap<>();
    all.put("ar-0.zip/a", "1");
    all.put("ar-0.zip/b", "2");
    all.put("ar-1.zip/c", "3");
    all.put("ar-1.zip/d", "4");
    all.put("ar-2.zip/a", "another");
    all.put("ar-2.zip/b", "2");
    all.put("ar-2.zip/e", "5");
    assertThat(at.entriesOfAll()).isEqualTo(all);
  }

  @ParameterizedTest
  @EnumSource(Duplicates.class)
  void withOtherContentsInAnEarlierVolumeIsAMistakeAndKept(Duplicates policy) throws IOException {
    at.duplicates = policy;
    at.maxEntries = 1;
    batch(W, 1, new Made("n", "the first", "id-1"));
    at.merge();
    batch(V, 1, new Made("n", "another", "id-1"));
    List<Quarantine.Item> kept = at.merge().quarantined();
    if (policy == Duplicates.ALL) {
      assertThat(kept).isEmpty();
      assertThat(at.entriesOfAll())
          .isEqualTo(Map.of("ar-0.zip/n", "the first", "ar-1.zip/n", "another"));
    } else {
      assertThat(kept).hasSize(1);
      assertThat(kept.get(0).reason()).contains("earlier volume", "deposit id", "other contents");
      assertThat(at.entriesOfAll()).isEqualTo(Map.of("ar-0.zip/n", "the first"));
    }
  }

  /**
   * Renamed by the merge, in a volume that a name of somebody else's comes before; and by parts.
   */
  @Test
  void isFoundInAnEarlierVolumeUnderTheNameThatItGot() throws IOException {
    Files.createDirectories(at.root.resolve("b"));
    at.batch(W, 9, 9, Compression.STORED, "b/ar-0.zip", "mine", "x");
    new Consolidator(at.healthy, at.base, at.policy(), "c-1-aaaaaa", "s", Clock.systemUTC())
        .merge("b/ar-0.zip", List.of(), () -> {});
    at.maxEntries = 2;
    batch(W, 1, new Made("n", "other", null), new Made("n", "mine", ODD, "id-1"));
    at.merge();
    BatchWriter mixed = writer(Manifest.MIXED, V, 1);
    MixedPart part = new MixedPart(ARCHIVE, 1);
    mixed.append(
        List.of(
            prepared(part, new Made("n", "mine", ODD, "id-1")),
            prepared(part, new Made("m", "2", ODD, "id-1"))));
    mixed.seal();
    assertThat(at.merge().collapsed()).isEqualTo(1);
    assertThat(at.entriesOfAll())
        .isEqualTo(
            Map.of(
                "ar-0.zip/mine", "x",
                "ar-1.zip/n", "other",
                "ar-1.zip/n~2", "mine",
                "ar.zip/m", "2"));
  }

  /** What was taken away, or changed, is not asked, and does not stop the merge. */
  @Test
  void anEarlierVolumeThatIsNotAsItWasIsPassedOver() throws IOException {
    at.maxEntries = 1;
    for (int n = 0; n < 3; n++) {
      batch(W, n + 1, new Made("n" + n, "the same", "id-" + n));
      at.merge();
    }
    Files.delete(at.root.resolve("b/ar-0.zip"));
    Files.write(at.root.resolve("b/ar-1.zip"), new byte[] {1}, StandardOpenOption.APPEND);
    at.maxEntries = 0;
    for (int n = 0; n < 3; n++) {
      batch(V, n + 1, new Made("n" + n, "the same", "id-" + n));
    }
    assertThat(at.merge().collapsed()).isEqualTo(1);
    assertThat(at.entries()).isEqualTo(Map.of("n0", "the same", "n1", "the same"));
  }

  @ParameterizedTest
  @EnumSource(Duplicates.class)
  void directoriesCollapseUnderEveryPolicy(Duplicates policy) throws IOException {
    at.duplicates = policy;
    Attributes mine = Attributes.of(0040700);
    batch(W, 1, new Made("d/", "", mine, null), new Made("d/f", "1", null));
    at.merge();
    batch(V, 1, new Made("d/", "", Attributes.PLAIN_DIRECTORY, null));
    assertThat(at.merge().quarantined()).isEmpty();
    at.assertMerged(Map.of("d/", "", "d/f", "1"));
    assertThat(attributes("d/"))
        .containsExactly(policy == Duplicates.LAST ? Attributes.PLAIN_DIRECTORY : mine);
  }

  @Test
  void takesASymbolicLinkWhereTheSessionDoes() throws IOException {
    at.symlinks = true;
    batch(W, 1, new Made("l", "../target", Attributes.of(0120777), null));
    assertThat(at.merge().quarantined()).isEmpty();
    at.symlinks = false;
    batch(W, 2, new Made("m", "../target", Attributes.of(0120777), null));
    assertThat(at.merge().quarantined()).hasSize(1);
    assertThat(at.entries()).isEqualTo(Map.of("l", "../target"));
    assertThat(attributes("l")).containsExactly(Attributes.of(0120777));
  }
}
