package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.OpenPart;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.batch.Salvager;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.TreeSet;

/** A base directory on a simulated disk, and everything that Sheaf does there in a crash test. */
final class SimulatedBase {
  static final String ARCHIVE = "b/ar.zip";
  static final long NOW = 1_800_000_000_000L;

  /** So often recovery may have to begin anew; each time there must be less to do. */
  private static final int ROUNDS = 3;

  final Disk disk;
  final BaseDirectory base = new BaseDirectory(Path.of("/base"), "id");
  final Deposits deposits;
  private final MergePolicy policy;
  private long closed = NOW;

  SimulatedBase(Disk disk, MergePolicy policy, Deposits deposits) {
    this.disk = disk;
    this.policy = policy;
    this.deposits = deposits;
  }

  /** Goes on where another one stopped. */
  void continueFrom(SimulatedBase other) {
    closed = other.closed;
  }

  // Workers

  /** A sealed batch in the inbox of an archive, acknowledged. */
  Path batch(String archive, String worker, long seq, Deposit... entries) throws IOException {
    return batch(archive, worker, seq, Compression.STORED, entries);
  }

  Path batch(String archive, String worker, long seq, Compression compression, Deposit... entries)
      throws IOException {
    deposits.add(archive, entries);
    BatchWriter batch = open(archive, worker, seq, compression);
    append(batch, compression, entries);
    Path sealed = base.root().resolve(batch.seal().path());
    deposits.acknowledge();
    return sealed;
  }

  BatchWriter open(String archive, String worker, long seq, Compression compression)
      throws IOException {
    BatchWriter.Origin origin = new BatchWriter.Origin("s", worker, archive, seq);
    Clock clock = Clock.fixed(Instant.ofEpochMilli(closed++), ZoneOffset.UTC);
    return BatchWriter.open(disk, base, origin, compression, true, clock);
  }

  void append(BatchWriter batch, Compression compression, Deposit... entries) throws IOException {
    for (Deposit entry : entries) {
      ByteBuffer contents = ByteBuffer.wrap(entry.contents());
      batch.append(List.of(PreparedEntry.of(entry.name(), NOW, contents, compression)));
    }
  }

  /** A file as a program that is not Sheaf puts it there, whole and durable. */
  void put(Path file, byte[] contents) throws IOException {
    Path elsewhere = base.root().resolve(file.getFileName() + ".upload");
    Path directory = file.resolveSibling(".").normalize();
    disk.createDirectories(directory);
    try (DiskFile out = disk.create(elsewhere)) {
      out.write(ByteBuffer.wrap(contents), 0);
      out.sync();
    }
    disk.rename(elsewhere, file);
    disk.syncDirectory(directory);
  }

  /** Flips a bit in the contents of an entry, in the file and in what is expected of it. */
  void spoil(Path file, Deposit entry) throws IOException {
    byte[] all = disk.readAll(file);
    int at = Deposits.find(all, entry.contents());
    int place = entry.contents().length / 2;
    entry.contents()[place] ^= 1;
    try (DiskFile out = disk.openForWrite(file)) {
      out.write(ByteBuffer.wrap(entry.contents(), place, 1), at + place);
      out.sync();
    }
  }

  // Coordinators

  MergeOutcome merge(String archive) throws IOException {
    return new Consolidator(
            disk, base, policy, "c-1-aaaaaa", "s", Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))
        .merge(archive, List.of(), () -> {});
  }

  void salvage() throws IOException {
    Clock clock = Clock.fixed(Instant.ofEpochMilli(NOW - 1), ZoneOffset.UTC);
    Salvager salvager = new Salvager(disk, base, "c-1-aaaaaa", clock);
    for (OpenPart part : new Inbox(disk, base).parts()) {
      salvager.salvage(part, "s");
    }
  }

  /** What a coordinator does that comes after a crash, until nothing is pending. */
  void recover() throws IOException {
    for (int round = 0; round < ROUNDS; round++) {
      salvage();
      TreeSet<String> archives = new TreeSet<>(deposits.archives());
      archives.addAll(new Inbox(disk, base).archives().keySet());
      for (String archive : archives) {
        merge(archive);
      }
      if (new Inbox(disk, base).archives().values().stream().allMatch(List::isEmpty)) {
        return;
      }
    }
    throw new AssertionError("after " + ROUNDS + " rounds batches are still pending");
  }
}
