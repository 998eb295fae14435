package io.sheaf.deposit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchFile;
import io.sheaf.batch.Compression;
import io.sheaf.conf.Durability;
import io.sheaf.tree.PendingBatch;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.DirectoryCursor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Lanes over a base directory, and what they sealed, read back with java.util.zip. */
public final class LanesFixture implements AutoCloseable {
  public static final LaneOptions OPTIONS =
      new LaneOptions(
          Compression.STORED,
          Duration.ofMinutes(5),
          256L << 20,
          60_000,
          Durability.WRITE,
          64,
          64L << 20,
          0,
          false);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  public final FailingDisk disk = new FailingDisk();
  public final ManualClock clock = new ManualClock();
  public final BaseDirectory base;
  public final Lanes lanes;
  public final Queue<PendingBatch> sealed = new ConcurrentLinkedQueue<>();

  public LanesFixture(Path root, LaneOptions options) throws IOException {
    this(root, options, Quotas.none());
  }

  public LanesFixture(Path root, LaneOptions options, Quotas quotas) throws IOException {
    base = BaseDirectory.create(disk, root);
    lanes = new Lanes(disk, base, "test", "host-1-abcdef", options, quotas, clock, sealed::add);
  }

  /** Options of the tests but for durability, open batches and unique names. */
  public static LaneOptions options(int maxOpen, long maxEntryBytes, boolean uniqueNames) {
    return new LaneOptions(
        OPTIONS.compression(),
        OPTIONS.rotateInterval(),
        OPTIONS.rotateBytes(),
        OPTIONS.rotateEntries(),
        OPTIONS.durability(),
        maxOpen,
        OPTIONS.memoryLimit(),
        maxEntryBytes,
        uniqueNames);
  }

  /** Options of the tests, with symbolic links. */
  public static LaneOptions linking() {
    return new LaneOptions(
        OPTIONS.compression(),
        OPTIONS.rotateInterval(),
        OPTIONS.rotateBytes(),
        OPTIONS.rotateEntries(),
        OPTIONS.durability(),
        OPTIONS.maxOpen(),
        OPTIONS.memoryLimit(),
        0,
        false,
        true);
  }

  public static LaneOptions rotating(long bytes, long entries) {
    return new LaneOptions(
        OPTIONS.compression(),
        OPTIONS.rotateInterval(),
        bytes,
        entries,
        OPTIONS.durability(),
        OPTIONS.maxOpen(),
        OPTIONS.memoryLimit(),
        0,
        false);
  }

  /** Seals everything and reads it: contents by target, more than one where a name came again. */
  public Map<String, List<byte[]>> contents() throws IOException {
    assertThat(lanes.flush(PATIENCE)).isTrue();
    Map<String, List<byte[]>> all = new TreeMap<>();
    for (PendingBatch batch : sealed) {
      read(batch, all);
    }
    return all;
  }

  private void read(PendingBatch batch, Map<String, List<byte[]>> into) throws IOException {
    Path file = base.root().resolve(batch.path());
    assertThat(file).hasSize(batch.size());
    try (ZipFile zip = new ZipFile(file.toFile())) {
      String archive = batch.manifest().archive() + "/";
      String prefix = isMixed(batch) ? archive : "";
      long entries = 0;
      for (ZipEntry entry : Collections.list(zip.entries())) {
        if (entry.getName().startsWith(prefix)) {
          entries++;
          try (InputStream in = zip.getInputStream(entry)) {
            String target = archive + entry.getName().substring(prefix.length());
            into.computeIfAbsent(target, name -> new ArrayList<>()).add(in.readAllBytes());
          }
        }
      }
      assertThat(entries).isEqualTo(batch.manifest().entries());
    }
  }

  /** Whether it is one archive's part of a batch of several. */
  public static boolean isMixed(PendingBatch batch) {
    return batch.path().contains("/.mixed/");
  }

  /** The files that were sealed. */
  public Set<String> files() {
    return sealed.stream().map(PendingBatch::path).collect(Collectors.toCollection(TreeSet::new));
  }

  /** The one content of a target. */
  public byte[] content(String target) throws IOException {
    List<byte[]> found = contents().getOrDefault(target, List.of());
    assertThat(found).as(target).hasSize(1);
    return found.get(0);
  }

  /** The time of modification that a sealed batch has for an entry. */
  public long modified(String archive, String entry) throws IOException {
    assertThat(lanes.flush(PATIENCE)).isTrue();
    for (PendingBatch batch : sealed) {
      if (batch.manifest().archive().equals(archive)) {
        try (ZipFile zip = new ZipFile(base.root().resolve(batch.path()).toFile())) {
          ZipEntry found = zip.getEntry(entry);
          if (found != null) {
            return found.getLastModifiedTime().toMillis();
          }
        }
      }
    }
    throw new AssertionError("no entry " + entry);
  }

  /** The attributes that a sealed batch of an archive's own has for an entry. */
  public Attributes attributes(String archive, String entry) throws IOException {
    assertThat(lanes.flush(PATIENCE)).isTrue();
    for (PendingBatch batch : sealed) {
      if (batch.manifest().archive().equals(archive)) {
        BatchFile file = BatchFile.read(disk, base.root().resolve(batch.path()));
        DirectoryCursor record = new DirectoryCursor(file.directory());
        while (record.next()) {
          if (record.nameText().equals(entry)) {
            return record.attributes();
          }
        }
      }
    }
    throw new AssertionError("no entry " + entry);
  }

  public static void eventually(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("did not happen: " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    lanes.close();
  }
}
