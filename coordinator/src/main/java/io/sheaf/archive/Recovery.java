package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.FileState;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EndRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Step 1 of a merge: whatever a crash left is finished or undone.
 *
 * <pre>
 * journal     ledger    archive is the staged file    done
 * none        e         -                             remove a staged file that nobody committed
 * e → e+1     e         yes                           sync its directory, commit the journal's ledger
 * e → e+1     e         no                            remove the staged file, then the journal
 * e → e+1     > e       -                             sync the ledger's directory, remove the journal
 * e → e+1     < e       -                             touch nothing, report
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

  Recovery(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
    this.ledgers = new LedgerStore(disk, base);
    this.journals = new JournalStore(disk, base);
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
      ledger = settle(journal.get(), ledger);
    } else {
      disk.delete(base.staged(archive));
    }
    return compared(ledger);
  }

  private Ledger settle(Journal journal, Ledger ledger) throws IOException {
    String archive = ledger.archive();
    Ledger result = ledger;
    if (ledger.epoch() == journal.from()) {
      if (isAs(base.archive(archive), journal.ledger())) {
        disk.syncDirectory(directoryOf(base.archive(archive)));
        ledgers.commit(journal.ledger());
        result = journal.ledger();
      }
    } else if (ledger.epoch() < journal.from()) {
      throw new ArchiveDisagreesException(
          archive
              + ": the journal leads from epoch "
              + journal.from()
              + " and the ledger is at "
              + ledger.epoch()
              + "; look at "
              + base.journal(archive)
              + " and remove it if the archive is whole",
          null);
    }
    if (ledger.epoch() > journal.from()) {
      ledgers.makeDurable(archive);
    }
    // Renamed or not: of a rename between directories a crash may leave both names.
    disk.delete(base.staged(archive));
    journals.drop(archive);
    return result;
  }

  private Ledger compared(Ledger ledger) throws IOException {
    Path file = base.archive(ledger.archive());
    if (ledger.epoch() == 0) {
      return disk.stat(file).isPresent() ? adopt(ledger.archive(), file) : ledger;
    }
    boolean asCommitted = ledger.length() > 0 ? isAs(file, ledger) : disk.stat(file).isEmpty();
    if (!asCommitted) {
      throw new ArchiveDisagreesException(
          ledger.archive()
              + (disk.stat(file).isPresent()
                  ? " is not as it was at its last commit (epoch "
                  : " is gone; it was there at its last commit (epoch ")
              + ledger.epoch()
              + ", "
              + ledger.length()
              + " bytes): put it back; or, to take it as it is, move "
              + base.ledger(ledger.archive())
              + " away",
          null);
    }
    return ledger;
  }

  /** Whether a file has the length and the tail that a ledger says. */
  private boolean isAs(Path file, Ledger ledger) throws IOException {
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
      EndRecord end = EndRecord.read(open);
      checkDirectory(ArchiveFile.directory(open, end), end.entries());
      return Ledger.adopted(archive, ArchiveFile.contents(open, end));
    } catch (BadZipException e) {
      throw new ArchiveDisagreesException(
          archive + " was there before and is no whole zip (" + e.getMessage() + "): move it away",
          e);
    }
  }

  /** What cannot be walked would be copied into the new directory, and spoil that. */
  private static void checkDirectory(ByteBuffer directory, long entries) throws BadZipException {
    DirectoryCursor entry = new DirectoryCursor(directory);
    long found = 0;
    while (entry.next()) {
      found++;
    }
    if (found != entries) {
      throw new BadZipException("it says " + entries + " entries and has " + found);
    }
  }

  static Path directoryOf(Path file) {
    return file.resolveSibling(".").normalize();
  }
}
