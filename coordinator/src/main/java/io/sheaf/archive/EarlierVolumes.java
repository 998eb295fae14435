package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchFile;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.zip.DepositId;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.NameIndex;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The volumes that an archive has become when it was rolled, asked for deposits that are sent once
 * more. One is looked at after the other, so that the names of no more than one need be in memory.
 *
 * <p>Nothing in them changes, except where they are archives of their own that somebody deposits
 * to. A volume that was taken away has nothing to be found.
 */
final class EarlierVolumes {
  private static final Logger log = LoggerFactory.getLogger(EarlierVolumes.class);

  /** Names of volumes that are passed over, as other files have them, lie no further apart. */
  private static final int LOOK_AHEAD = 16;

  private final Disk disk;
  private final BaseDirectory base;
  private final LedgerStore ledgers;
  private final WarmIndexes indexes;
  private final Ledger ledger;

  /** What a volume has of a deposit that an entry of a batch is, too. */
  enum Found {
    SAME,
    OTHER_CONTENTS
  }

  EarlierVolumes(
      Disk disk, BaseDirectory base, LedgerStore ledgers, WarmIndexes indexes, Ledger ledger) {
    this.disk = disk;
    this.base = base;
    this.ledgers = ledgers;
    this.indexes = indexes;
    this.ledger = ledger;
  }

  boolean isEmpty() {
    return ledger.volumes() == 0;
  }

  /**
   * The entries of a batch whose name a volume has with the same id, by the place of their record.
   *
   * @param file of the batch
   */
  Map<Integer, Found> find(BatchFile batch, DiskFile file) throws IOException {
    Map<Integer, Found> found = new HashMap<>();
    if (!isEmpty() && hasIds(batch, file)) {
      long missing = 0;
      for (long n = 0; n < ledger.volumes() || missing < LOOK_AHEAD; n++) {
        boolean there = lookInto(Roll.volumeName(ledger.archive(), n), batch, file, found);
        missing = there ? 0 : missing + 1;
      }
    }
    return found;
  }

  private static boolean hasIds(BatchFile batch, DiskFile file) throws IOException {
    int prefix = batch.prefix().length;
    DirectoryCursor entry = new DirectoryCursor(batch.directory());
    while (entry.next()) {
      if (DepositIds.of(file, entry, prefix) != null) {
        return true;
      }
    }
    return false;
  }

  /** False when there is no such volume. */
  private boolean lookInto(String name, BatchFile batch, DiskFile file, Map<Integer, Found> found)
      throws IOException {
    Path path = base.archive(name);
    Optional<Ledger> volume = disk.stat(path).isEmpty() ? Optional.empty() : ledgers.find(name);
    if (volume.isEmpty()) {
      return false;
    }
    try (OldArchive old = OldArchive.open(disk, path, volume.get(), indexes.take(volume.get()))) {
      DiskFile data = old.file();
      if (data != null && data.size() == volume.get().length()) {
        new Look(batch, file, old.directory(), data, found).run();
        indexes.keep(volume.get(), old.directory().names());
      } else {
        warn(name, "it is not as it was at its last commit");
      }
    } catch (NoSuchFileException e) {
      return false; // Taken away since.
    } catch (ArchiveDisagreesException e) {
      warn(name, String.valueOf(e.getMessage()));
    }
    return true;
  }

  private static void warn(String volume, String why) {
    log.warn("{} is not asked whether deposits were sent before: {}", volume, why);
  }

  /** A batch held against a volume. */
  private record Look(
      BatchFile batch,
      DiskFile file,
      MergedDirectory volume,
      DiskFile data,
      Map<Integer, Found> found) {

    void run() throws IOException {
      DirectoryCursor entry = new DirectoryCursor(batch.directory());
      while (entry.next()) {
        long there = volume.find(entry.nameArray(), entry.nameFrom(), entry.nameTo());
        if (there != NameIndex.NONE) {
          compare(entry, there);
        }
      }
    }

    /** With the entry of that name, and with those that got numbers for it. */
    private void compare(DirectoryCursor entry, long first) throws IOException {
      DepositId id = DepositIds.of(file, entry, batch.prefix().length);
      if (id == null) {
        return;
      }
      String name = StandardCharsets.UTF_8.decode(entry.name()).toString();
      long there = first;
      for (int n = 2; there != NameIndex.NONE; n++) {
        DirectoryCursor other = volume.at(there);
        if (id.equals(DepositIds.of(data, other, 0))) {
          note(entry, other);
        }
        byte[] numbered = NumberedName.of(name, n).getBytes(StandardCharsets.UTF_8);
        there = volume.find(numbered, 0, numbered.length);
      }
    }

    private void note(DirectoryCursor entry, DirectoryCursor other) throws IOException {
      Found what = SameContents.are(file, entry, data, other) ? Found.SAME : Found.OTHER_CONTENTS;
      found.merge(entry.at(), what, (a, b) -> a == Found.SAME ? a : b);
    }
  }
}
