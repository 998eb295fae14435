package io.sheaf.batch;

import static io.sheaf.batch.BatchFixture.CLOCK;
import static io.sheaf.batch.BatchFixture.NOW;
import static io.sheaf.batch.BatchFixture.WORKER;
import static io.sheaf.batch.BatchFixture.assertSame;
import static io.sheaf.batch.BatchFixture.bytes;
import static io.sheaf.batch.BatchFixture.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.FaultyDisk;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.LocalHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches that hold parts of several archives: written, read, salvaged. */
class MixedBatchTest {
  private static final List<String> ARCHIVES = List.of("z.zip", "a.zip", "d/ü.zip");

  @TempDir private Path root;

  /** What goes into the batch: contents by the name in it, in order; and where each entry ends. */
  private final Map<String, byte[]> model = new LinkedHashMap<>();

  private final List<Long> ends = new ArrayList<>();

  private static BatchWriter open(BatchFixture at, Disk disk, long m) throws IOException {
    BatchWriter.Origin origin = new BatchWriter.Origin("s", WORKER, Manifest.MIXED, m);
    return BatchWriter.open(disk, at.base, origin, Compression.DEFLATED, true, CLOCK);
  }

  private BatchWriter write(BatchFixture at, Disk disk, int entries) throws IOException {
    model.clear();
    ends.clear();
    BatchWriter batch = open(at, disk, 4);
    List<MixedPart> parts = new ArrayList<>();
    for (int i = 0; i < ARCHIVES.size(); i++) {
      parts.add(new MixedPart(ARCHIVES.get(i), 10 + i));
    }
    for (int i = 0; i < entries; i++) {
      MixedPart part = parts.get(i % parts.size());
      String name = (i % 4 == 0 ? "dir/ä" : "x") + i;
      byte[] contents = bytes(i * 37 % 400, i);
      if (i % 5 == 3) {
        stream(batch, part, name, contents, i % 2 == 0 ? -1 : contents.length);
      } else {
        Compression compression = i % 2 == 0 ? Compression.STORED : Compression.DEFLATED;
        batch.append(
            List.of(PreparedEntry.of(part, name, NOW, ByteBuffer.wrap(contents), compression)));
      }
      model.put(part.archive() + "/" + name, contents);
      ends.add(batch.length());
    }
    return batch;
  }

  private static void stream(
      BatchWriter batch, MixedPart part, String name, byte[] contents, long size)
      throws IOException {
    EntryWriter entry = batch.begin(part, name, NOW, size);
    entry.write(ByteBuffer.wrap(contents));
    entry.commit();
  }

  private static Path sealed(BatchFixture at, long m) {
    return at.base.batch(Manifest.MIXED, WORKER, m);
  }

  /** The names of an archive in the model, without the archive's. */
  private static Map<String, byte[]> of(String archive, Map<String, byte[]> all) {
    Map<String, byte[]> own = new LinkedHashMap<>();
    all.forEach(
        (name, contents) -> {
          if (name.startsWith(archive + "/")) {
            own.put(name.substring(archive.length() + 1), contents);
          }
        });
    return own;
  }

  /** Holds a sealed batch against a model, through its parts and through another's reader. */
  private static void check(BatchFixture at, Path path, Map<String, byte[]> wanted)
      throws IOException {
    Map<String, byte[]> found = read(path);
    assertThat(found.remove(PartList.NAME)).isNotNull();
    assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(wanted.keySet());
    wanted.forEach((name, contents) -> assertThat(found.get(name)).as(name).isEqualTo(contents));
    MixedFile file = MixedFile.read(at.healthy, path);
    byte[] all = Files.readAllBytes(path);
    int region = Math.toIntExact(file.manifest().region());
    assertThat(Crc32c.of(ByteBuffer.wrap(all, 0, region))).isEqualTo(file.manifest().crc32c());
    assertThat(file.manifest().entries()).isEqualTo(wanted.size());
    Map<String, byte[]> archives = new TreeMap<>();
    wanted.forEach((name, c) -> archives.put(name.substring(0, name.indexOf(".zip/") + 4), c));
    assertThat(file.archives()).containsExactlyElementsOf(archives.keySet());
    for (String archive : file.archives()) {
      checkPart(at, file, archive, of(archive, wanted), all);
    }
  }

  private static void checkPart(
      BatchFixture at, MixedFile file, String archive, Map<String, byte[]> wanted, byte[] all)
      throws IOException {
    BatchFile part = file.open(at.healthy, archive).orElseThrow();
    assertThat(part.manifest().archive()).isEqualTo(archive);
    assertThat(part.manifest().seq()).isEqualTo(10 + ARCHIVES.indexOf(archive));
    assertThat(part.manifest().entries()).isEqualTo(wanted.size());
    assertThat(part.manifest().bytes())
        .isEqualTo(wanted.values().stream().mapToLong(c -> c.length).sum());
    CRC32C sum = new CRC32C();
    long length = 0;
    List<String> names = new ArrayList<>();
    DirectoryCursor entry = new DirectoryCursor(part.directory());
    LocalHeader local = new LocalHeader();
    while (entry.next()) {
      names.add(entry.nameText());
      int offset = Math.toIntExact(entry.offset());
      assertThat(local.read(ByteBuffer.wrap(all), offset)).isEqualTo(LocalHeader.Found.HEADER);
      assertThat(StandardCharsets.UTF_8.decode(local.name()).toString())
          .isEqualTo(archive + "/" + entry.nameText());
      assertThat(local.part()).isEqualTo(part.manifest().seq());
      assertThat(local.partHolds()).isTrue();
      int n = Math.toIntExact(local.length() + entry.compressedSize());
      sum.update(all, offset, n);
      length += n;
    }
    assertThat(names).containsExactlyElementsOf(wanted.keySet());
    assertThat(part.manifest().region()).isEqualTo(length);
    assertThat(part.manifest().crc32c()).isEqualTo((int) sum.getValue());
  }

  @Test
  void holdsEachArchivesEntriesInOrderUnderItsNumber() throws IOException {
    BatchFixture at = new BatchFixture(root);
    BatchWriter batch = write(at, at.healthy, 40);
    PendingBatch whole = batch.seal();
    assertThat(whole.manifest().archive()).isEqualTo(Manifest.MIXED);
    check(at, sealed(at, 4), model);
    assertThat(batch.published())
        .isEqualTo(MixedFile.read(at.healthy, sealed(at, 4)).published(at.base))
        .allSatisfy(part -> assertThat(part.path()).isEqualTo(whole.path()))
        .extracting(part -> part.manifest().archive())
        .containsExactly("a.zip", "d/ü.zip", "z.zip");
    Inbox inbox = new Inbox(at.healthy, at.base);
    assertThat(inbox.archives()).containsOnlyKeys(ARCHIVES);
    assertThat(inbox.strays()).isEmpty();
  }

  @Test
  void theSameInputGivesTheSameBytes() throws IOException {
    BatchFixture one = new BatchFixture(root.resolve("one"));
    write(one, one.healthy, 20).seal();
    BatchFixture other = new BatchFixture(root.resolve("other"));
    write(other, other.healthy, 20).seal();
    assertThat(sealed(one, 4)).hasSameBinaryContentAs(sealed(other, 4));
  }

  @Test
  void nothingOfTheBatchStaysInAHeaderThatIsCutOut() throws IOException {
    BatchFixture at = new BatchFixture(root);
    write(at, at.healthy, 12).seal();
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(sealed(at, 4)));
    BatchFile part =
        MixedFile.read(at.healthy, sealed(at, 4)).open(at.healthy, "d/ü.zip").orElseThrow();
    int prefix = part.prefix().length;
    DirectoryCursor entry = new DirectoryCursor(part.directory());
    LocalHeader before = new LocalHeader();
    LocalHeader after = new LocalHeader();
    int entries = 0;
    while (entry.next()) {
      before.read(all, Math.toIntExact(entry.offset()));
      ByteBuffer cut = ByteBuffer.allocate(before.length());
      before.encodeWithoutPrefix(prefix, cut);
      assertThat(after.read(cut.flip(), 0)).isEqualTo(LocalHeader.Found.HEADER);
      assertThat(after.length()).isEqualTo(cut.limit()).isEqualTo(before.length() - prefix - 16);
      assertThat(after.part()).isZero();
      assertThat(after.name()).isEqualTo(entry.name());
      assertThat(after.extraWellFormed()).isTrue();
      assertThat(after.modified()).isEqualTo(before.modified()).isEqualTo(NOW / 1000);
      assertThat(after.size()).isEqualTo(entry.size());
      assertThat(after.compressedSize()).isEqualTo(entry.compressedSize());
      assertThat(after.zip64()).isEqualTo(before.zip64());
      entries++;
    }
    assertThat(entries).isEqualTo(4);
  }

  @Test
  void aFlippedBitAnywhereBehindTheEntriesIsSeen() throws IOException {
    BatchFixture at = new BatchFixture(root);
    write(at, at.healthy, 6).seal();
    Path path = sealed(at, 4);
    byte[] whole = Files.readAllBytes(path);
    int flips = 0;
    for (int i = Math.toIntExact(ends.get(5)); i < whole.length; i++) {
      byte[] flipped = whole.clone();
      flipped[i] ^= (byte) (1 << i % 8);
      Files.write(path, flipped);
      try {
        MixedFile file = MixedFile.read(at.healthy, path);
        for (String archive : ARCHIVES) {
          Manifest part = file.part(archive).orElseThrow();
          assertThat(part.seq()).isEqualTo(10 + ARCHIVES.indexOf(archive));
          assertThat(part.entries()).isEqualTo(2);
        }
      } catch (BadZipException e) {
        flips++;
      }
    }
    // What is not noticed stands in the header of the list, or is a time or a name in the manifest.
    assertThat(flips).isGreaterThan((whole.length - Math.toIntExact(ends.get(5))) * 7 / 10);
  }

  @Test
  void salvageKeepsEachWholeEntryWhereverTheFileWasCut() throws IOException {
    BatchFixture source = new BatchFixture(root.resolve("source"));
    write(source, source.healthy, 9).seal();
    byte[] whole = Files.readAllBytes(sealed(source, 4));
    BatchFixture at = new BatchFixture(root.resolve("cuts"));
    Files.createDirectories(at.base.inbox(Manifest.MIXED));
    Path part = at.base.inbox(Manifest.MIXED).resolve(WORKER + "-4.zip.part");
    for (int cut = 0; cut <= whole.length; cut++) {
      Files.write(part, Arrays.copyOf(whole, cut));
      OpenPart open = at.parts().get(0);
      assertThat(open).isEqualTo(new OpenPart(Manifest.MIXED, WORKER, 4, part));
      Optional<PendingBatch> salvaged = at.salvager(at.healthy).salvage(open, "s");
      Map<String, byte[]> wanted = before(cut);
      assertThat(salvaged.isPresent()).as("cut at " + cut).isEqualTo(!wanted.isEmpty());
      if (salvaged.isPresent()) {
        check(at, sealed(at, 4), wanted);
        assertThat(MixedFile.read(at.healthy, sealed(at, 4)).manifest())
            .isEqualTo(salvaged.get().manifest());
        // The bytes of the entries are those of the worker.
        int end = Math.toIntExact(ends.get(wanted.size() - 1));
        assertThat(Arrays.copyOf(Files.readAllBytes(sealed(at, 4)), end))
            .isEqualTo(Arrays.copyOf(whole, end));
        Files.delete(sealed(at, 4));
      }
      assertThat(at.parts()).isEmpty();
    }
    System.out.println("cuts of a mixed batch: " + (whole.length + 1));
  }

  private Map<String, byte[]> before(long cut) {
    Map<String, byte[]> before = new LinkedHashMap<>();
    int i = 0;
    for (Map.Entry<String, byte[]> entry : model.entrySet()) {
      if (ends.get(i++) <= cut) {
        before.put(entry.getKey(), entry.getValue());
      }
    }
    return before;
  }

  @Test
  void anEntryWhosePartIsNotCertainIsKeptAside() throws IOException {
    BatchFixture at = new BatchFixture(root);
    BatchWriter batch = write(at, at.healthy, 6);
    batch.abandon();
    Path part = at.parts().get(0).path();
    byte[] bytes = Files.readAllBytes(part);
    // The last field of the second header, before its contents: the number's lowest byte.
    LocalHeader second = new LocalHeader();
    second.read(ByteBuffer.wrap(bytes), Math.toIntExact(ends.get(0)));
    bytes[Math.toIntExact(ends.get(0)) + second.length() - 12] ^= 1;
    Files.write(part, bytes);
    Manifest salvaged =
        at.salvager(at.healthy).salvage(at.parts().get(0), "s").orElseThrow().manifest();
    assertThat(salvaged.salvaged()).isEqualTo(new Manifest.Salvaged("coordinator-1-zzzzzz", 0, 1));
    model.remove("a.zip/x1");
    check(at, sealed(at, 4), model);
    assertThat(new Quarantine(at.healthy, at.base).items()).hasSize(1);
  }

  @Test
  void aBatchThatCouldNotBeSealedIsWrittenAnew() throws IOException {
    int failures = 0;
    boolean failed = true;
    for (int n = 1; failed; n++) {
      BatchFixture at = new BatchFixture(root.resolve("fails" + n));
      FaultyDisk faulty = FaultyDisk.failingOnce(at.healthy, n);
      BatchWriter batch = null;
      failed = false;
      try {
        batch = write(at, faulty.disk(), 7);
        batch.seal();
      } catch (IOException e) {
        failed = true;
        failures++;
        if (batch != null) {
          batch.seal();
        }
      }
      if (batch != null) {
        check(at, sealed(at, 4), model);
        assertThat(at.healthy.list(at.base.inbox(Manifest.MIXED))).hasSize(1);
      }
      faulty.endProcess();
    }
    assertThat(failures).isGreaterThan(5);
  }

  @Test
  void takesNoEntryWithoutAPart() throws IOException {
    BatchFixture at = new BatchFixture(root);
    BatchWriter mixed = open(at, at.healthy, 1);
    BatchWriter own = at.open(at.healthy, 1, Compression.STORED);
    PreparedEntry without = BatchFixture.entry("x", new byte[1], Compression.STORED);
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> mixed.append(List.of(without)));
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> own.begin(new MixedPart("a.zip", 1), "x", NOW, -1));
    own.append(List.of(without));
    own.seal();
    assertSame(read(at.sealed(1)), Map.of("x", new byte[1]));
    mixed.abandon();
    try (DiskFile file = at.healthy.openForRead(at.sealed(1))) {
      assertThat(RegionScan.ofMixed(file).good()).isEmpty();
    }
  }
}
