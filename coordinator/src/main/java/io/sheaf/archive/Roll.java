package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.InDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Gives an archive that has reached its limit another name: {@code ar.zip} becomes the volume
 * {@code ar-0.zip}, and the next one begins empty. What was consumed stays with {@code ar.zip}.
 *
 * <p>The steps: journal; ledger of the volume; rename, directory synced; ledger of the archive;
 * journal dropped. From the journal on it is always finished, never undone. The volume's POSIX lock
 * is held, so that nobody merges into an archive of that name meanwhile.
 */
final class Roll {
  private final Disk disk;
  private final BaseDirectory base;
  private final LedgerStore ledgers;
  private final JournalStore journals;

  /** With ledgers that others use too, so that a large file of them is read once. */
  Roll(Disk disk, BaseDirectory base, LedgerStore ledgers) {
    this.disk = disk;
    this.base = base;
    this.ledgers = ledgers;
    this.journals = new JournalStore(disk, base);
  }

  /** What a roll leaves: the ledgers of the archive and of the volume. */
  record Rolled(Ledger ledger, Ledger volume) {}

  Rolled run(Ledger ledger, MergeGuard guard) throws IOException {
    for (long n = ledger.volumes(); ; n++) {
      String name = volumeName(ledger.archive(), n);
      if (isFree(name)) {
        try (DiskLock lock = lock(name)) {
          if (lock != null && isFree(name)) {
            Ledger volume =
                Ledger.of(
                    name,
                    Math.max(1, ledger.epoch()),
                    ledger.contents(),
                    0,
                    new TreeMap<>(),
                    new TreeMap<>());
            guard.ensureValid();
            Journal journal = Journal.roll(ledger, ledger.rolled(), volume);
            journals.write(journal);
            guard.ensureValid();
            Ledger next = move(journal);
            guard.ensureValid();
            journals.drop(ledger.archive());
            return new Rolled(next, volume);
          }
        }
      }
    }
  }

  /** The name of a volume of an archive: {@code ar-3.zip}. */
  static String volumeName(String archive, long n) {
    return archive.substring(0, archive.length() - ".zip".length()) + "-" + n + ".zip";
  }

  private boolean isFree(String archive) throws IOException {
    return disk.stat(base.archive(archive)).isEmpty()
        && ledgers.find(archive).isEmpty()
        && disk.stat(base.journal(archive)).isEmpty();
  }

  /** Null when another has it. */
  private @Nullable DiskLock lock(String archive) throws IOException {
    return InDirectory.tryLock(disk, base.lock(archive)).orElse(null);
  }

  /** Finishes what a crash cut off; the journal stays. */
  Ledger finish(Journal journal) throws IOException {
    Ledger volume = Objects.requireNonNull(journal.volume(), "volume");
    try (DiskLock lock = lock(volume.archive())) {
      if (lock == null) {
        throw new IOException(
            journal.ledger().archive()
                + " is being renamed to "
                + volume.archive()
                + ", which another process holds");
      }
      return move(journal);
    }
  }

  private Ledger move(Journal journal) throws IOException {
    Ledger volume = Objects.requireNonNull(journal.volume(), "volume");
    Path from = base.archive(journal.ledger().archive());
    Path to = base.archive(volume.archive());
    Optional<Ledger> known = ledgers.find(volume.archive());
    boolean goneOn = known.isPresent() && known.get().epoch() > volume.epoch();
    if (known.isEmpty()) {
      ledgers.commit(volume);
    } else {
      // Seen, but the crash may have come between its rename and the sync.
      ledgers.syncSeen(volume.archive());
    }
    if (disk.stat(to).isEmpty() && Recovery.isAs(disk, from, volume)) {
      disk.rename(from, to);
    } else if (!goneOn && !Recovery.isAs(disk, to, volume)) {
      throw new ArchiveDisagreesException(
          journal.ledger().archive()
              + " was about to be renamed to "
              + volume.archive()
              + ", and neither is as it was at the last commit: put one of them back",
          null);
    }
    disk.syncDirectory(Recovery.directoryOf(to));
    ledgers.commit(journal.ledger());
    return journal.ledger();
  }
}
