package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.EndRecord;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes an archive as it is, on a person's word: its ledger says from then on what the file holds.
 * What was merged into it stays merged, so nothing comes twice; what is not in the file is lost.
 */
final class Acceptance {
  private final Disk disk;
  private final BaseDirectory base;
  private final Recovery recovery;
  private final LedgerStore ledgers;
  private final JournalStore journals;
  private final PreImage image;

  Acceptance(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
    this.ledgers = new LedgerStore(disk, base);
    this.recovery = new Recovery(disk, base, ledgers);
    this.journals = new JournalStore(disk, base);
    this.image = new PreImage(disk, base, ledgers);
  }

  /**
   * Accepts an archive under its claim; nothing is changed for one that is as its ledger says.
   *
   * @return what that means, in lines for a person
   * @throws ArchiveDisagreesException when it cannot be accepted: it is no whole zip, or its ledger
   *     cannot be read
   */
  List<String> accept(String archive, MergeGuard guard) throws IOException {
    Ledger ledger = ledgers.load(archive);
    try {
      recovery.recover(archive, guard);
      return List.of("it is as its ledger says: there is nothing to accept");
    } catch (ArchiveDisagreesException e) {
      ledger = ledgers.load(archive); // Recovery may have finished a merge before it stopped.
    }
    List<String> said = new ArrayList<>();
    Ledger.Contents contents = contents(archive, said);
    guard.ensureValid();
    ledgers.commit(ledger.next(contents, ledger.consumed(), ledger.sessions()));
    // A journal leads from the old ledger, to an archive that is none of this one's.
    journals.drop(archive);
    disk.delete(base.staged(archive));
    image.drop(archive);
    said.add(0, means(ledger, contents));
    return said;
  }

  private static String means(Ledger before, Ledger.Contents now) {
    String what =
        now.length() == 0
            ? "there is no archive, and that is taken as it is; "
            : "taken as it is, with " + now.entries() + " entries; ";
    return what
        + "at the last commit it had "
        + before.entries()
        + ", and what is missing of these will not come back: their batches were merged";
  }

  private Ledger.Contents contents(String archive, List<String> said) throws IOException {
    try (DiskFile file = disk.openForRead(base.archive(archive))) {
      ArchiveCheck check = new ArchiveCheck(said);
      check.directory(file);
      if (!said.isEmpty()) {
        throw new BadZipException(String.join("; ", said));
      }
      new ArchiveCheck(said).entries(file);
      return ArchiveFile.contents(file, EndRecord.read(file));
    } catch (NoSuchFileException e) {
      return Ledger.Contents.NONE;
    } catch (BadZipException e) {
      throw new ArchiveDisagreesException(
          archive
              + " is no whole zip, so it cannot be accepted ("
              + e.getMessage()
              + "): repair it, put it back, or move it away and accept that",
          e);
    }
  }
}
