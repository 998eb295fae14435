package io.sheaf.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.disk.Disk;
import io.sheaf.disk.FaultyDisk;
import io.sheaf.disk.SystemDisk;
import io.sheaf.tree.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Batches of one worker in a directory of a test. */
final class BatchFixture {
  static final long NOW = 1_800_000_000_000L;
  static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(NOW), ZoneOffset.UTC);
  static final String WORKER = "node7-4711-a1b2c3";
  static final String ARCHIVE = "b/ar.zip";

  final Disk healthy = FaultyDisk.withoutSync(new SystemDisk());
  final BaseDirectory base;

  BatchFixture(Path root) throws IOException {
    base = BaseDirectory.create(healthy, root);
  }

  BatchWriter open(Disk disk, long seq, Compression compression) throws IOException {
    BatchWriter.Origin origin = new BatchWriter.Origin("s", WORKER, ARCHIVE, seq);
    return BatchWriter.open(disk, base, origin, compression, true, CLOCK);
  }

  Path part(long seq) {
    return base.inbox(ARCHIVE).resolve(WORKER + "-" + seq + ".zip.part");
  }

  Path sealed(long seq) {
    return base.batch(ARCHIVE, WORKER, seq);
  }

  Salvager salvager(Disk disk) {
    return new Salvager(disk, base, "coordinator-1-zzzzzz", CLOCK);
  }

  /** What is left of a batch: {@code .part} or {@code .salvage}. */
  List<OpenPart> parts() throws IOException {
    return new Inbox(healthy, base).parts();
  }

  static PreparedEntry entry(String name, byte[] contents, Compression compression) {
    return PreparedEntry.of(name, NOW, ByteBuffer.wrap(contents), compression);
  }

  static void stream(BatchWriter batch, String name, byte[] contents, long size, int piece)
      throws IOException {
    EntryWriter entry = batch.begin(name, NOW, size);
    for (int at = 0; at < contents.length; at += piece) {
      entry.write(ByteBuffer.wrap(contents, at, Math.min(piece, contents.length - at)));
    }
    entry.commit();
  }

  /** Bytes of which about a half can be deflated away. */
  static byte[] bytes(int length, long seed) {
    byte[] bytes = new byte[length];
    Random random = new Random(seed);
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) random.nextInt(16);
    }
    return bytes;
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The contents by name, as Java's own reader sees them. */
  static Map<String, byte[]> read(Path zip) throws IOException {
    Map<String, byte[]> found = new LinkedHashMap<>();
    try (ZipFile file = new ZipFile(zip.toFile())) {
      for (ZipEntry entry : Collections.list(file.entries())) {
        try (InputStream in = file.getInputStream(entry)) {
          assertThat(found.put(entry.getName(), in.readAllBytes())).isNull();
        }
      }
    }
    return found;
  }

  /** The manifest of a batch, once its numbers were held against the bytes. */
  Manifest checkedManifest(Path batch) throws IOException {
    Manifest manifest = BatchFile.read(healthy, batch).manifest();
    Map<String, byte[]> entries = read(batch);
    assertThat(manifest.entries()).isEqualTo(entries.size());
    assertThat(manifest.bytes())
        .isEqualTo(entries.values().stream().mapToLong(e -> e.length).sum());
    byte[] all = Files.readAllBytes(batch);
    CRC32C crc = new CRC32C();
    crc.update(all, 0, (int) manifest.region());
    assertThat(manifest.crc32c()).isEqualTo((int) crc.getValue());
    return manifest;
  }

  static void assertSame(Map<String, byte[]> found, Map<String, byte[]> wanted) {
    assertThat(found.keySet()).containsExactlyElementsOf(wanted.keySet());
    wanted.forEach((name, bytes) -> assertThat(found.get(name)).as(name).isEqualTo(bytes));
  }
}
