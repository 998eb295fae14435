package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.InDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What an archive held from its central directory on, kept beside it while it is overwritten there.
 * With it the archive can be made what it was at its last commit.
 */
final class PreImage {
  private static final int PIECE = 1 << 20;

  private final Disk disk;
  private final BaseDirectory base;
  private final JournalStore journals;
  private final LedgerStore ledgers;

  /** With ledgers that others use too, so that a large file of them is read once. */
  PreImage(Disk disk, BaseDirectory base, LedgerStore ledgers) {
    this.disk = disk;
    this.base = base;
    this.journals = new JournalStore(disk, base);
    this.ledgers = ledgers;
  }

  /**
   * Keeps the directory of an archive and writes the journal that names it. Both are durable when
   * this returns, and the archive may be overwritten from its directory on.
   *
   * @return the pre-image, open for reading
   * @throws ArchiveDisagreesException when the directory is not the one that was committed
   */
  DiskFile write(DiskFile archive, Ledger ledger) throws IOException {
    Path path = base.image(ledger.archive());
    disk.delete(path);
    Ledger.Contents contents = ledger.contents();
    long length = contents.length() - contents.dataLength();
    DiskFile file = InDirectory.make(disk, InDirectory.of(path), () -> disk.create(path));
    try {
      int crc = copy(archive, contents.dataLength(), file, 0, length);
      if (crc != contents.fromDirectoryCrc()) {
        throw new ArchiveDisagreesException(
            ledger.archive()
                + ": its central directory is not the one that was committed; see what sheaf verify"
                + " says",
            null);
      }
      file.sync();
      journals.write(Journal.inPlace(ledger, new Journal.Image(length, crc)));
      return file;
    } catch (IOException e) {
      try (file) {
        throw e;
      }
    }
  }

  /**
   * Undoes an overwriting that this process has begun, unless its commit can be seen, durable or
   * not: that is for recovery to judge.
   */
  void undo(String archive) throws IOException {
    Optional<Journal> journal = journals.find(archive);
    if (journal.isPresent()) {
      boolean begun = journal.get().strategy() == Journal.Strategy.IN_PLACE;
      if (!begun || ledgers.load(archive).epoch() != journal.get().from()) {
        return;
      }
      restore(journal.get());
      journals.drop(archive);
    }
    drop(archive);
  }

  /**
   * Makes the archive what it was before the journal; durable when this returns. The journal stays.
   *
   * @throws ArchiveDisagreesException when the pre-image is damaged, or is gone and the archive is
   *     not what it was
   */
  void restore(Journal journal) throws IOException {
    Ledger ledger = journal.ledger();
    Journal.Image expected = Objects.requireNonNull(journal.image(), "image");
    try (DiskFile image = disk.openForRead(base.image(ledger.archive()))) {
      if (image.size() == expected.length()
          && ArchiveFile.crc(image, 0, expected.length()) == expected.crc32c()) {
        restore(ledger, image);
        return;
      }
    } catch (NoSuchFileException e) {
      // It is as good as damaged.
    }
    // A crash may undo the removal of a journal, and not what was done to its pre-image since.
    if (!isAsBefore(ledger)) {
      throw damaged(ledger);
    }
  }

  private void restore(Ledger ledger, DiskFile image) throws IOException {
    try (DiskFile archive = disk.openForWrite(base.archive(ledger.archive()))) {
      // No merge cuts into the data: somebody else has.
      if (archive.size() < ledger.dataLength()) {
        throw damaged(ledger);
      }
      copy(image, 0, archive, ledger.dataLength(), image.size());
      archive.truncate(ledger.length());
      archive.sync();
    }
  }

  private boolean isAsBefore(Ledger ledger) throws IOException {
    Ledger.Contents contents = ledger.contents();
    try (DiskFile archive = disk.openForRead(base.archive(ledger.archive()))) {
      return archive.size() == contents.length()
          && ArchiveFile.crc(
                  archive, contents.dataLength(), contents.length() - contents.dataLength())
              == contents.fromDirectoryCrc();
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private ArchiveDisagreesException damaged(Ledger ledger) {
    return new ArchiveDisagreesException(
        ledger.archive()
            + ": a merge was cut off, and "
            + base.image(ledger.archive())
            + ", from which its directory would be restored, is damaged or gone, or its data is: put"
            + " the archive of epoch "
            + ledger.epoch()
            + " back, or repair it (zip -FF) and have it taken with sheaf recover --accept",
        null);
  }

  /** Removes the pre-image; nobody needs it once the journal is gone. */
  void drop(String archive) throws IOException {
    disk.delete(base.image(archive));
  }

  private static int copy(DiskFile from, long position, DiskFile to, long target, long count)
      throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer piece = ByteBuffer.allocateDirect((int) Math.min(PIECE, Math.max(1, count)));
    for (long done = 0; done < count; done += piece.limit()) {
      piece.clear().limit((int) Math.min(piece.capacity(), count - done));
      from.readFully(piece, position + done);
      crc.update(piece.flip());
      to.write(piece.rewind(), target + done);
    }
    return (int) crc.getValue();
  }
}
