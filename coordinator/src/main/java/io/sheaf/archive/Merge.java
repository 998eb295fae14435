package io.sheaf.archive;

import io.sheaf.batch.BatchFile;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.zip.DirectoryBuilder;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EndRecord;
import io.sheaf.zip.NameIndex;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Steps 2 and 4 for one archive: takes in batches, one after the other, into the staged file.
 *
 * <p>A batch whose entries all pass the gate under new names goes in as a whole, its region copied
 * in large pieces and checked on the way. If the check fails, or a name is there already, its
 * entries are looked at one by one.
 */
final class Merge implements Closeable {
  private final Disk disk;
  private final MergePolicy policy;
  private final Quarantine quarantine;
  private final String archive;
  private final @Nullable DiskFile old;
  private final byte[] comment;
  private final Staging staging;
  private final DirectoryBuilder directory;
  private final NameIndex names;
  private final EntryGate gate;
  private final Tally tally = new Tally();

  Merge(Disk disk, MergePolicy policy, Quarantine quarantine, Ledger ledger, Path path, Path staged)
      throws IOException {
    this.disk = disk;
    this.policy = policy;
    this.quarantine = quarantine;
    this.archive = ledger.archive();
    this.gate = new EntryGate(policy.symlinks());
    this.old = ledger.length() > 0 ? disk.openForRead(path) : null;
    try {
      EndRecord end = old == null ? EndRecord.of(0, 0, 0, new byte[0]) : EndRecord.read(old);
      this.comment = end.comment();
      this.directory = new DirectoryBuilder(Math.toIntExact(end.directoryLength()) + (64 << 10));
      if (old != null) {
        directory.addAll(ArchiveFile.directory(old, end), end.entries());
      }
    } catch (IOException e) {
      close(old);
      throw e;
    }
    this.names = new NameIndex(directory);
    this.staging = new Staging(disk, staged, old, ledger.contents());
  }

  /** What was done so far. */
  static final class Tally {
    long entries;
    long bytes;
    long collapsed;
    long renamed;
    final List<Quarantine.Item> quarantined = new ArrayList<>();
  }

  Tally tally() {
    return tally;
  }

  /** Takes in a batch: all its entries are in the staged file, or dealt with, when this returns. */
  void take(BatchFile batch) throws IOException {
    try (DiskFile file = disk.openForRead(batch.path())) {
      if (!takeWhole(batch, file)) {
        entryMerge(batch, file).run();
      }
    }
  }

  private EntryMerge entryMerge(BatchFile batch, DiskFile file) {
    return new EntryMerge(
        archive,
        batch,
        file,
        policy.duplicates(),
        gate,
        staging,
        directory,
        names,
        quarantine,
        tally);
  }

  private boolean takeWhole(BatchFile batch, DiskFile file) throws IOException {
    if (!allNewAndGood(batch)) {
      return false;
    }
    Staging.Mark mark = staging.mark();
    RegionCheck check = new RegionCheck(file, batch);
    int crc = staging.append(file, 0, batch.manifest().region(), check);
    if (crc != batch.manifest().crc32c() || !check.passed()) {
      staging.cutBack(mark);
      return false;
    }
    DirectoryCursor entry = new DirectoryCursor(batch.directory());
    while (entry.next()) {
      directory.addMoved(entry, mark.length() + entry.offset());
      tally.bytes += entry.size();
      tally.entries++;
    }
    names.update();
    return true;
  }

  private boolean allNewAndGood(BatchFile batch) throws IOException {
    DirectoryBuilder own = new DirectoryBuilder(batch.directory().remaining());
    DirectoryCursor entry = new DirectoryCursor(batch.directory());
    long count = 0;
    while (entry.next()) {
      if (gate.refuses(entry) != null || names.find(entry.name()) != NameIndex.NONE) {
        return false;
      }
      count++;
    }
    own.addAll(batch.directory(), count);
    return count == batch.manifest().entries() && new NameIndex(own).size() == count;
  }

  /** Whether the archive will have other bytes than before. */
  boolean changed() {
    return staging.changed();
  }

  /** Ends the staged file; complete and durable when this returns. */
  Ledger.Contents finish() throws IOException {
    return staging.finish(directory, comment);
  }

  void discard() throws IOException {
    staging.discard();
  }

  @Override
  public void close() throws IOException {
    try {
      staging.close();
    } finally {
      close(old);
    }
  }

  private static void close(@Nullable DiskFile file) throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
