package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.FileState;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.DirectoryReader;
import io.sheaf.zip.EndRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Step 1 of a merge: whatever a crash left is finished or undone.
 *
 * <pre>
 * journal            ledger  archive is            done
 * none               e       -                     remove a staged file and a pre-image
 * replace e → e+1    e       the staged file       sync its directory, commit the journal's ledger
 * replace e → e+1    e       not                   remove the staged file, then the journal
 * in-place e → e+1   e       -                     write the pre-image back, sync, remove the journal
 * roll e → e+1       e       -                     finish it: {@link Roll}
 * any e → e+1        > e     -                     sync the ledger's directory, remove the journal
 * any e → e+1        < e     -                     touch nothing, report
 * </pre>
 *
 * After that the archive must be as its ledger says; one without a ledger is read as a whole and
 * becomes epoch 0. Each row leads to one above or to the end, so doing it again is safe.
 */
final class Recovery {
  private final Disk disk;
  private final BaseDirectory base;
  private final LedgerStore ledgers;
  private final JournalStore journals;
  private final PreImage image;
  private final Roll roll;
  private final Leftovers leftovers;

  Recovery(Disk disk, BaseDirectory base) {
    this(disk, base, new LedgerStore(disk, base));
  }

  /** With ledgers that others use too, so that a large file of them is read once. */
  Recovery(Disk disk, BaseDirectory base, LedgerStore ledgers) {
    this.disk = disk;
    this.base = base;
    this.ledgers = ledgers;
    this.journals = new JournalStore(disk, base);
    this.image = new PreImage(disk, base, ledgers);
    this.roll = new Roll(disk, base, ledgers);
    this.leftovers = new Leftovers(disk, base);
  }

  /**
   * Recovers an archive under its claim.
   *
   * @return its ledger, to which the archive has been compared
   */
  Ledger recover(String archive, MergeGuard guard) throws IOException {
    Optional<Journal> journal = journals.find(archive);
    Ledger ledger = ledgers.load(archive);
    if (journal.isPresent()) {
      guard.ensureValid();
      // Whoever wrote it may have died before it was durable; what follows from it will be.
      disk.syncDirectory(directoryOf(base.journal(archive)));
      ledger = settle(journal.get(), ledger);
      guard.ensureValid();
      journals.drop(archive);
    }
    disk.delete(base.staged(archive));
    image.drop(archive);
    leftovers.clean(archive);
    return compared(ledger);
  }

  private Ledger settle(Journal journal, Ledger ledger) throws IOException {
    if (ledger.epoch() > journal.from()) {
      // Seen, but the crash may have come between its rename and the sync.
      ledgers.syncSeen(ledger.archive());
      return ledger;
    }
    if (ledger.epoch() < journal.from()) {
      throw new ArchiveDisagreesException(
          ledger.archive()
              + ": the journal leads from epoch "
              + journal.from()
              + " and the ledger is at "
              + ledger.epoch()
              + "; look at "
              + base.journal(ledger.archive())
              + " and remove it if the archive is whole",
          null);
    }
    return switch (journal.strategy()) {
      case REPLACE -> settleReplace(journal, ledger);
      case IN_PLACE -> {
        image.restore(journal);
        yield ledger;
      }
      case ROLL -> roll.finish(journal);
    };
  }

  private Ledger settleReplace(Journal journal, Ledger ledger) throws IOException {
    Path archive = base.archive(ledger.archive());
    if (isAs(disk, archive, journal.ledger())) {
      disk.syncDirectory(directoryOf(archive));
      ledgers.commit(journal.ledger());
      return journal.ledger();
    }
    // Before the journal: without it, nobody must find the staged file and take it for another's.
    disk.delete(base.staged(ledger.archive()));
    return ledger;
  }

  private Ledger compared(Ledger ledger) throws IOException {
    Path file = base.archive(ledger.archive());
    if (ledger.epoch() == 0) {
      return disk.stat(file).isPresent() ? adopt(ledger.archive(), file) : ledger;
    }
    boolean asCommitted =
        ledger.length() > 0 ? isAs(disk, file, ledger) : disk.stat(file).isEmpty();
    if (!asCommitted) {
      throw new ArchiveDisagreesException(
          ledger.archive()
              + (disk.stat(file).isPresent()
                  ? " is not as it was at its last commit (epoch "
                  : " is gone; it was there at its last commit (epoch ")
              + ledger.epoch()
              + ", "
              + ledger.length()
              + " bytes): put it back; or have it taken as it is, with sheaf recover --accept "
              + ledger.archive(),
          null);
    }
    return ledger;
  }

  /** Whether a file has the length and the tail that a ledger says. */
  static boolean isAs(Disk disk, Path file, Ledger ledger) throws IOException {
    Optional<FileState> state = disk.stat(file);
    if (state.isEmpty() || !state.get().isFile() || state.get().size() != ledger.length()) {
      return false;
    }
    try (DiskFile open = disk.openForRead(file)) {
      return ArchiveFile.tail(open) == ledger.tail();
    }
  }

  private Ledger adopt(String archive, Path file) throws IOException {
    try (DiskFile open = disk.openForRead(file)) {
      return Ledger.adopted(archive, whole(open));
    } catch (BadZipException e) {
      throw new ArchiveDisagreesException(
          archive + " was there before and is no whole zip (" + e.getMessage() + "): move it away",
          e);
    }
  }

  /**
   * What a file holds that Sheaf has not written.
   *
   * @throws BadZipException when its directory cannot be walked: that would be copied into the new
   *     directory, and spoil it
   */
  static Ledger.Contents whole(DiskFile file) throws IOException {
    EndRecord end = EndRecord.read(file);
    long found =
        new DirectoryReader(file, end.directoryOffset(), end.directoryLength())
            .forEach((entry, record) -> true);
    if (found != end.entries()) {
      throw new BadZipException("it says " + end.entries() + " entries and has " + found);
    }
    return ArchiveFile.contents(file, end);
  }

  static Path directoryOf(Path file) {
    return file.resolveSibling(".").normalize();
  }
}
