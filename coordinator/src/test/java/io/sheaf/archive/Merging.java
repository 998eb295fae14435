package io.sheaf.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchFile;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.batch.Quarantine;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.conf.Duplicates;
import io.sheaf.conf.MergeOrder;
import io.sheaf.disk.Disk;
import io.sheaf.disk.FaultyDisk;
import io.sheaf.disk.SystemDisk;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.EndRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A base directory, batches for it, and what became of them. */
final class Merging {
  static final String ARCHIVE = "b/ar.zip";
  static final long NOW = 1_800_000_000_000L;

  final Disk healthy = FaultyDisk.withoutSync(new SystemDisk());
  final Path root;
  final BaseDirectory base;
  Duplicates duplicates = Duplicates.ALL;
  CommitStrategy commit = CommitStrategy.REPLACE;
  MergeOrder order = MergeOrder.TIME;
  boolean symlinks;

  /** At which the archive is rolled; 0 for never. */
  long maxEntries;

  Merging(Path root) throws IOException {
    this.root = root;
    this.base = BaseDirectory.create(healthy, root);
  }

  /** A closed batch in the inbox; the names and contents alternate. */
  Path batch(String worker, long seq, String... namesAndContents) throws IOException {
    return batch(worker, seq, seq, Compression.STORED, ARCHIVE, namesAndContents);
  }

  Path batch(
      String worker,
      long seq,
      long closedAt,
      Compression compression,
      String archive,
      String... namesAndContents)
      throws IOException {
    BatchWriter.Origin origin = new BatchWriter.Origin("s", worker, archive, seq);
    Clock clock = Clock.fixed(Instant.ofEpochMilli(NOW + closedAt), ZoneOffset.UTC);
    BatchWriter batch = BatchWriter.open(healthy, base, origin, compression, false, clock);
    for (int i = 0; i < namesAndContents.length; i += 2) {
      ByteBuffer contents = ByteBuffer.wrap(bytes(namesAndContents[i + 1]));
      batch.append(List.of(PreparedEntry.of(namesAndContents[i], NOW, contents, compression)));
    }
    return root.resolve(batch.seal().path());
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  PendingBatch published(Path batch) throws IOException {
    return new Inbox(healthy, base).describe(batch);
  }

  /** Changes a batch by hand: region and directory; the manifest's sum is made to fit. */
  void patch(Path batch, BiConsumer<byte[], byte[]> change) throws IOException {
    BatchFile file = BatchFile.read(healthy, batch);
    Manifest m = file.manifest();
    byte[] region = Arrays.copyOf(Files.readAllBytes(batch), Math.toIntExact(m.region()));
    byte[] directory = new byte[file.directory().remaining()];
    file.directory().duplicate().get(directory);
    change.accept(region, directory);
    Manifest summed =
        new Manifest(
            m.version(),
            m.id(),
            m.session(),
            m.worker(),
            m.seq(),
            m.archive(),
            m.entries(),
            m.bytes(),
            m.region(),
            Crc32c.of(ByteBuffer.wrap(region)),
            Crc32c.of(ByteBuffer.wrap(directory)),
            m.opened(),
            m.closed(),
            null,
            null);
    byte[] comment = new ObjectMapper().writeValueAsBytes(summed);
    byte[] end = EndRecord.of(m.entries(), m.region(), directory.length, comment).encode().array();
    byte[] all = Arrays.copyOf(region, region.length + directory.length + end.length);
    System.arraycopy(directory, 0, all, region.length, directory.length);
    System.arraycopy(end, 0, all, region.length + directory.length, end.length);
    Files.write(batch, all);
  }

  MergeOutcome merge(PendingBatch... published) throws IOException {
    return merge(healthy, published);
  }

  MergeOutcome merge(Disk disk, PendingBatch... published) throws IOException {
    return new Consolidator(disk, base, policy(), "c-1-aaaaaa", "s", Clock.systemUTC())
        .merge(ARCHIVE, List.of(published), () -> {});
  }

  MergePolicy policy() {
    return new MergePolicy(
        duplicates, symlinks, commit, order, Duration.ofDays(36_500), 0, maxEntries);
  }

  Path archive() {
    return base.archive(ARCHIVE);
  }

  /** The contents by name, as Java's own reader sees them; empty without an archive. */
  SortedMap<String, String> entries() throws IOException {
    return entries(archive());
  }

  /** What is in the archive and the volumes that it was rolled into, as {@code volume/name}. */
  SortedMap<String, String> entriesOfAll() throws IOException {
    SortedMap<String, String> found = new TreeMap<>();
    for (Path zip : files(root.resolve("b"))) {
      entries(zip).forEach((name, text) -> found.put(zip.getFileName() + "/" + name, text));
    }
    return found;
  }

  private static SortedMap<String, String> entries(Path archive) throws IOException {
    SortedMap<String, String> found = new TreeMap<>();
    if (!Files.exists(archive)) {
      return found;
    }
    try (ZipFile file = new ZipFile(archive.toFile())) {
      for (ZipEntry entry : Collections.list(file.entries())) {
        try (InputStream in = file.getInputStream(entry)) {
          String contents = new String(in.readAllBytes(), StandardCharsets.UTF_8);
          assertThat(found.put(entry.getName(), contents)).as(entry.getName()).isNull();
        }
      }
    }
    return found;
  }

  List<Quarantine.Item> quarantined() throws IOException {
    return new Quarantine(healthy, base).items();
  }

  VerifyReport verify() throws IOException {
    return new Verifier(healthy, base).verify(true);
  }

  /** That the archive holds these entries and no others, and nothing is left to do. */
  void assertMerged(Map<String, String> wanted) throws IOException {
    assertThat(entries()).isEqualTo(wanted);
    assertThat(verify().sound()).as(verify().toString()).isTrue();
    assertThat(files(base.inbox())).isEmpty();
    assertThat(files(base.journals())).isEmpty();
    assertThat(new LedgerStore(healthy, base).archives()).hasSize(1);
  }

  static List<Path> files(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
