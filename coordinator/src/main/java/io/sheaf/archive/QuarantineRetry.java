package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchFile;
import io.sheaf.batch.BatchName;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.EntryWriter;
import io.sheaf.batch.MixedFile;
import io.sheaf.batch.OpenPart;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.DiskLock;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EntryStreams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes what was repaired by hand out of quarantine, back into the inbox. A whole batch goes back
 * under its own number, unless one of that number was merged; a whole entry becomes a batch of its
 * own, whose name follows from its bytes: so it is the same batch however often a crash makes it
 * happen again, and the ledger takes it once.
 */
final class QuarantineRetry {
  private static final String ENTRY = ".entry";
  private static final String ZIP = ".zip";
  private static final String WORKER = "quarantine-0-";
  private static final int PIECE = 64 << 10;

  private final Disk disk;
  private final BaseDirectory base;
  private final Quarantine quarantine;
  private final MergePolicy policy;
  private final String session;
  private final Clock clock;

  QuarantineRetry(Disk disk, BaseDirectory base, MergePolicy policy, String session, Clock clock) {
    this.disk = disk;
    this.base = base;
    this.quarantine = new Quarantine(disk, base);
    this.policy = policy;
    this.session = session;
    this.clock = clock;
  }

  /**
   * What was done with something in quarantine.
   *
   * @param batch that it is in now, null when it stays
   * @param merged whether that was merged by an attempt that crashed then
   */
  record Attempt(Quarantine.Item item, @Nullable BatchName batch, boolean merged, String said) {}

  /** Whether an open batch is one that a crash left of an entry that was to be taken back. */
  boolean isOurs(OpenPart part) {
    return part.worker().startsWith(WORKER);
  }

  /** Removes such a one, unless a process is at work on it: its entry is still in quarantine. */
  void discard(OpenPart part) throws IOException {
    Optional<DiskLock> lock = disk.tryLockExisting(part.path());
    if (lock.isPresent()) {
      try (DiskLock held = lock.get()) {
        held.ensureValid();
        disk.delete(part.path());
      }
    }
  }

  /** Tries everything in quarantine of an archive, under its claim. */
  List<Attempt> take(Ledger ledger) throws IOException {
    List<Attempt> attempts = new ArrayList<>();
    for (Quarantine.Item item : quarantine.items()) {
      if (item.archive().equals(ledger.archive())) {
        attempts.add(take(ledger, item));
      }
    }
    return attempts;
  }

  /** Tries the batches of several archives; those that are whole go back with all their parts. */
  List<Attempt> takeMixed() throws IOException {
    List<Attempt> attempts = new ArrayList<>();
    for (Quarantine.Item item : quarantine.items()) {
      if (item.archive().equals(Manifest.MIXED)) {
        try {
          attempts.add(takeMixed(item));
        } catch (BadZipException e) {
          attempts.add(new Attempt(item, null, false, "stays: " + e.getMessage()));
        }
      }
    }
    return attempts;
  }

  private Attempt takeMixed(Quarantine.Item item) throws IOException {
    MixedFile file = MixedFile.read(disk, item.path());
    BatchName name = new BatchName(file.manifest().worker(), file.manifest().seq());
    String uncovered = file.uncovered(disk);
    if (!uncovered.isEmpty()) {
      throw new BadZipException(uncovered);
    }
    LedgerStore ledgers = new LedgerStore(disk, base);
    for (String archive : file.archives()) {
      long seq = file.seq(archive).orElseThrow();
      if (ledgers.load(archive).hasConsumed(name.worker(), seq)) {
        throw new BadZipException("what was saved of it for " + archive + " is merged already");
      }
    }
    returnToInbox(item.path(), base.inbox(Manifest.MIXED).resolve(name.file()));
    disk.delete(item.path().resolveSibling(item.path().getFileName() + Quarantine.REASON));
    return new Attempt(item, name, false, "a whole batch of several archives again");
  }

  private void returnToInbox(Path file, Path target) throws IOException {
    if (disk.stat(target).isPresent()) {
      throw new BadZipException("a batch of that worker and number waits in the inbox");
    }
    disk.createDirectories(Recovery.directoryOf(target));
    try (DiskFile open = disk.openForWrite(file)) {
      open.sync(); // Whatever it was repaired with may not have.
    }
    disk.rename(file, target);
    disk.syncDirectory(Recovery.directoryOf(target));
    disk.syncDirectory(Recovery.directoryOf(file));
  }

  private Attempt take(Ledger ledger, Quarantine.Item item) throws IOException {
    String name = String.valueOf(item.path().getFileName());
    try {
      return name.endsWith(ENTRY) ? takeEntry(ledger, item) : takeBatch(ledger, item);
    } catch (BadZipException e) {
      return new Attempt(item, null, false, "stays: " + e.getMessage());
    }
  }

  private Attempt takeBatch(Ledger ledger, Quarantine.Item item) throws IOException {
    BatchFile batch = BatchFile.read(disk, item.path());
    BatchName name = new BatchName(batch.manifest().worker(), batch.manifest().seq());
    Path target = base.inbox(ledger.archive()).resolve(name.file());
    requireWhole(ledger, batch);
    if (ledger.hasConsumed(name.worker(), name.seq())) {
      throw new BadZipException("a batch of that worker and number is merged already");
    }
    returnToInbox(item.path(), target);
    return new Attempt(item, name, false, "a whole batch again");
  }

  private void requireWhole(Ledger ledger, BatchFile batch) throws IOException {
    if (!batch.manifest().archive().equals(ledger.archive())) {
      throw new BadZipException("it is a batch of " + batch.manifest().archive());
    }
    try (DiskFile file = disk.openForRead(batch.path())) {
      if (ArchiveFile.crc(file, 0, batch.manifest().region()) != batch.manifest().crc32c()) {
        throw new BadZipException("its bytes are not those that its manifest sums up");
      }
    }
  }

  private Attempt takeEntry(Ledger ledger, Quarantine.Item item) throws IOException {
    try (DiskFile file = disk.openForRead(item.path())) {
      EntryPiece entry = EntryPiece.read(file, ledger.archive(), new EntryGate(policy.symlinks()));
      BatchName name = new BatchName(workerFor(item, file), 1);
      Path target = base.inbox(ledger.archive()).resolve(name.file());
      boolean merged = ledger.hasConsumed(name.worker(), name.seq());
      if (!merged && disk.stat(target).isEmpty()) {
        write(ledger.archive(), name, file, entry);
      }
      return new Attempt(item, name, merged, "a whole entry again: " + entry.record().nameText());
    }
  }

  private void write(String archive, BatchName name, DiskFile file, EntryPiece piece)
      throws IOException {
    DirectoryCursor entry = piece.record();
    BatchWriter batch =
        BatchWriter.open(
            disk,
            base,
            new BatchWriter.Origin(session, name.worker(), archive, name.seq()),
            Compression.STORED,
            true,
            clock);
    boolean sealed = false;
    try (InputStream contents = EntryStreams.of(file, entry)) {
      EntryWriter out =
          batch.begin(
              null,
              entry.nameText(),
              entry.modified() * 1000,
              entry.attributes(),
              piece.id(),
              entry.size());
      byte[] bytes = new byte[PIECE];
      for (int n = contents.read(bytes); n >= 0; n = contents.read(bytes)) {
        out.write(ByteBuffer.wrap(bytes, 0, n));
      }
      out.commit();
      batch.seal();
      sealed = true;
    } finally {
      if (!sealed) {
        batch.abandon();
      }
    }
  }

  /** {@code <host>-<pid>-<incarnation>}, as all workers are named, from what the entry is. */
  private static String workerFor(Quarantine.Item item, DiskFile file) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    digest.update(
        (item.archive() + "/" + item.path().getFileName() + "\0").getBytes(StandardCharsets.UTF_8));
    ByteBuffer piece = ByteBuffer.allocate(PIECE);
    long size = file.size();
    for (long done = 0; done < size; done += piece.limit()) {
      piece.clear().limit((int) Math.min(PIECE, size - done));
      file.readFully(piece, done);
      digest.update(piece.flip());
    }
    return WORKER + HexFormat.of().formatHex(digest.digest(), 0, 10);
  }

  /** Removes what has been merged, and its reason. */
  void settle(String archive, List<Attempt> attempts, MergeOutcome outcome) throws IOException {
    for (Attempt attempt : attempts) {
      String name = String.valueOf(attempt.item().path().getFileName());
      if (name.endsWith(ENTRY) && isSettled(attempt, outcome)) {
        disk.delete(attempt.item().path());
      }
    }
    Path directory = base.quarantine(archive);
    for (String name : disk.list(directory)) {
      if (name.endsWith(Quarantine.REASON) && isLeft(archive, name)) {
        disk.delete(directory.resolve(name));
      }
    }
  }

  private static boolean isSettled(Attempt attempt, MergeOutcome outcome) {
    BatchName batch = attempt.batch();
    return batch != null
        && (attempt.merged()
            || outcome.settled().contains(new MergeOutcome.Settled(batch.worker(), batch.seq())));
  }

  /** Whether a reason is all that is left. One is written before what it is about arrives. */
  private boolean isLeft(String archive, String reason) throws IOException {
    String about = reason.substring(0, reason.length() - Quarantine.REASON.length());
    int end = about.indexOf(ZIP) + ZIP.length();
    String batch = end >= ZIP.length() ? about.substring(0, end) : about;
    boolean beingSalvaged =
        disk.stat(base.inbox(archive).resolve(batch + BatchName.SALVAGE)).isPresent();
    return !beingSalvaged && disk.stat(base.quarantine(archive).resolve(about)).isEmpty();
  }
}
