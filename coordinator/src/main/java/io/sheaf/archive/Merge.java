package io.sheaf.archive;

import io.sheaf.batch.BatchFile;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.zip.DirectoryCursor;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Steps 2 and 4 for one archive: takes in batches, one after the other.
 *
 * <p>A batch whose entries all pass the gate under new names goes in as a whole, its region copied
 * in large pieces and checked on the way. One archive's part of a batch of several is cut out by a
 * {@link PartMerge}. If the check fails, or a name is there already, the entries are looked at one
 * by one.
 */
final class Merge implements Closeable {
  private final Disk disk;
  private final MergePolicy policy;
  private final Quarantine quarantine;
  private final String archive;
  private final OldArchive old;
  private final Staging staging;
  private final MergedDirectory directory;
  private final EarlierVolumes volumes;
  private final EntryGate gate;
  private final Tally tally = new Tally();

  Merge(
      Disk disk,
      MergePolicy policy,
      Quarantine quarantine,
      String archive,
      OldArchive old,
      Staging staging,
      EarlierVolumes volumes) {
    this.disk = disk;
    this.policy = policy;
    this.quarantine = quarantine;
    this.archive = archive;
    this.old = old;
    this.staging = staging;
    this.volumes = volumes;
    this.directory = old.directory();
    this.gate = new EntryGate(policy.symlinks());
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

  /** Takes in a batch: all its entries are staged, or dealt with, when this returns. */
  void take(BatchFile batch) throws IOException {
    try (DiskFile file = disk.openForRead(batch.path())) {
      boolean taken = batch.isPart() ? takePart(batch, file) : takeWhole(batch, file);
      if (!taken) {
        entryMerge(batch, file).run();
      }
    }
  }

  private EntryMerge entryMerge(BatchFile batch, DiskFile file) throws IOException {
    return new EntryMerge(
        archive,
        batch,
        file,
        policy.duplicatesOf(batch),
        gate,
        staging,
        directory,
        quarantine,
        tally,
        volumes.find(batch, file));
  }

  private boolean takePart(BatchFile batch, DiskFile file) throws IOException {
    if (!new PartMerge(batch, file, staging, directory, gate, volumes).run()) {
      return false;
    }
    tally.entries += batch.manifest().entries();
    tally.bytes += batch.manifest().bytes();
    return true;
  }

  private boolean takeWhole(BatchFile batch, DiskFile file) throws IOException {
    Trial trial = new Trial(directory, gate);
    if (!trial.addAll(batch.directory(), batch.manifest().entries(), staging.length())) {
      trial.undo();
      return false;
    }
    Staging.Mark mark = staging.mark();
    RegionCheck check = new RegionCheck(file, batch);
    int crc = staging.append(file, 0, batch.manifest().region(), check);
    boolean good = crc == batch.manifest().crc32c() && check.passed();
    if (!good || (check.sawId() && !volumes.find(batch, file).isEmpty())) {
      staging.cutBack(mark);
      trial.undo();
      return false;
    }
    DirectoryCursor entry = new DirectoryCursor(batch.directory());
    while (entry.next()) {
      tally.bytes += entry.size();
      tally.entries++;
    }
    return true;
  }

  /** Whether the archive will have other bytes than before. */
  boolean changed() {
    return staging.changed();
  }

  /** Whether the archive itself is written, and nothing has to be renamed. */
  boolean isInPlace() {
    return staging.isArchive();
  }

  /** Bytes of directory records that were added. */
  int addedDirectory() {
    return directory.addedLength();
  }

  /** Bytes of data that the archive has with what was taken. */
  long length() {
    return staging.length();
  }

  long entries() {
    return directory.entries();
  }

  /** Ends what is staged; complete and durable when this returns. */
  Ledger.Contents finish() throws IOException {
    return staging.finish(directory, old.comment());
  }

  void discard() throws IOException {
    staging.discard();
  }

  /** The directory, for its index. */
  MergedDirectory directory() {
    return directory;
  }

  @Override
  public void close() throws IOException {
    try {
      staging.close();
    } finally {
      old.close();
    }
  }
}
