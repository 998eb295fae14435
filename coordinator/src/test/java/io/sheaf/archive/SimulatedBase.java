package io.sheaf.archive;

import io.sheaf.adopt.Adoption;
import io.sheaf.adopt.AdoptionReport;
import io.sheaf.adopt.Delivery;
import io.sheaf.adopt.PeerLock;
import io.sheaf.batch.AppendLogName;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.Incoming;
import io.sheaf.batch.MixedPart;
import io.sheaf.batch.OpenPart;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.batch.Salvager;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.Publication;
import io.sheaf.tree.Manifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A base directory on a simulated disk, and everything that Sheaf does there in a crash test. */
final class SimulatedBase {
  static final BaseDirectory BASE = new BaseDirectory(Path.of("/base"), "id");
  static final String ARCHIVE = "b/ar.zip";
  static final long NOW = 1_800_000_000_000L;

  /** When merges are: all batches are closed by then. */
  private static final Clock LATER =
      Clock.fixed(Instant.ofEpochMilli(NOW + 1_000_000), ZoneOffset.UTC);

  /** So often recovery may have to begin anew; each time there must be less to do. */
  private static final int ROUNDS = 3;

  final Disk disk;
  final BaseDirectory base = BASE;
  final Deposits deposits;
  private final MergePolicy policy;
  private final Consolidator consolidator;
  private long closed = NOW;

  SimulatedBase(Disk disk, MergePolicy policy, Deposits deposits) {
    this.disk = disk;
    this.policy = policy;
    this.deposits = deposits;
    this.consolidator = new Consolidator(disk, base, policy, "c-1-aaaaaa", "s", LATER);
  }

  /** The same base, seen through another disk. */
  SimulatedBase on(Disk other) {
    SimulatedBase same = new SimulatedBase(other, policy, deposits);
    same.closed = closed;
    return same;
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
    return open(archive, worker, seq, compression, true);
  }

  BatchWriter open(
      String archive, String worker, long seq, Compression compression, boolean durable)
      throws IOException {
    BatchWriter.Origin origin = new BatchWriter.Origin("s", worker, archive, seq);
    Clock clock = Clock.fixed(Instant.ofEpochMilli(closed++), ZoneOffset.UTC);
    return BatchWriter.open(disk, base, origin, compression, durable, clock);
  }

  void append(BatchWriter batch, Compression compression, Deposit... entries) throws IOException {
    for (Deposit entry : entries) {
      batch.append(List.of(prepared(null, entry, compression)));
    }
  }

  /** A sealed batch with an entry for each of several archives, acknowledged. */
  void mixedBatch(String worker, long number, long seq, String... archives) throws IOException {
    BatchWriter batch = appendMixed(worker, number, seq, archives);
    batch.seal();
    deposits.acknowledge();
  }

  /** The same, still open. */
  BatchWriter appendMixed(String worker, long number, long seq, String... archives)
      throws IOException {
    BatchWriter batch = open(Manifest.MIXED, worker, number, Compression.STORED);
    for (String archive : archives) {
      Deposit entry = Deposit.of("mixed " + number, "mixed " + number + " " + archive);
      deposits.add(archive, entry);
      MixedPart part = new MixedPart(archive, seq);
      batch.append(List.of(prepared(part, entry, Compression.STORED)));
    }
    return batch;
  }

  private static PreparedEntry prepared(
      @Nullable MixedPart part, Deposit entry, Compression compression) {
    return PreparedEntry.of(
        part,
        entry.name(),
        NOW,
        entry.attributes(),
        entry.id(),
        ByteBuffer.wrap(entry.contents()),
        compression);
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
    return consolidator.merge(archive, List.of(), () -> {});
  }

  void salvage() throws IOException {
    Clock clock = Clock.fixed(Instant.ofEpochMilli(NOW - 1), ZoneOffset.UTC);
    Salvager salvager = new Salvager(disk, base, "c-1-aaaaaa", clock);
    for (OpenPart part : new Inbox(disk, base).parts()) {
      salvager.salvage(part, "s");
    }
  }

  /** All zips in the inbox of rear's workers, as {@code sheaf adopt --flush} takes them. */
  Adoption adopt() throws IOException {
    Adoption adoption = new Adoption(disk, base, PeerLock.NONE, LATER);
    AdoptionReport report = adoption.take(new Adoption.Options(Duration.ZERO, true));
    if (!report.succeeded()) {
      throw new IOException(report.toString());
    }
    return adoption;
  }

  /** A batch or a zip, as some transport brings it. */
  void deliver(byte[] bytes) throws IOException {
    new Delivery(disk, base, LATER).deliver(new ByteArrayInputStream(bytes), "it", 1);
  }

  /** Puts the ledgers of archives at rest into one file. */
  void fold() throws IOException {
    new LedgerFold(disk, base, () -> {}).run();
  }

  /** What is done when a session is closed. */
  void tidy() throws IOException {
    new Tidying(disk, base, Set.of()).run(() -> {});
  }

  private boolean foldWasCutOff() throws IOException {
    return disk.stat(Publication.temporaryOf(base.folded())).isPresent()
        || disk.stat(Publication.temporaryOf(base.file())).isPresent();
  }

  private boolean isAtRest() throws IOException {
    return disk.list(base.inbox(Manifest.MIXED)).isEmpty()
        && disk.list(base.inbox(AppendLogName.PLACE)).isEmpty()
        && new Inbox(disk, base).archives().values().stream().allMatch(List::isEmpty);
  }

  /** The same as {@code sheaf recover}. */
  void recoverOffline() throws IOException {
    try {
      Adoption adoption = adopt();
      OfflineRecovery recovery = new OfflineRecovery(disk, base, policy, "c-1-aaaaaa", LATER);
      RecoveryReport report = recovery.run(OfflineRecovery.Options.of(1), (done, of, last) -> {});
      for (RecoveryReport.Archive archive : report.archives()) {
        if (archive.state() != RecoveryReport.State.MERGED) {
          throw new IOException(archive.toString());
        }
      }
      adoption.settle();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What a coordinator does that comes after a crash, until nothing is pending. */
  void recover() throws IOException {
    for (int round = 0; round < ROUNDS; round++) {
      new Incoming(disk, base).clean();
      Adoption adoption = adopt();
      salvage();
      TreeSet<String> archives = new TreeSet<>(deposits.archives());
      archives.addAll(new Inbox(disk, base).archives().keySet());
      for (String archive : archives) {
        merge(archive);
      }
      consolidator.mixed().sweep();
      adoption.settle();
      if (foldWasCutOff()) {
        tidy();
      }
      if (isAtRest()) {
        return;
      }
    }
    throw new IOException("after " + ROUNDS + " rounds batches are still pending");
  }
}
