package io.sheaf.archive;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.EndRecord;
import io.sheaf.zip.NameIndex;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An archive as it is before a merge.
 *
 * @param file open for reading; null when there is no archive
 * @param comment of the archive, which it keeps
 */
@SuppressWarnings("ArrayRecordComponent") // a value on its way to a buffer, never compared
record OldArchive(@Nullable DiskFile file, byte[] comment, MergedDirectory directory)
    implements Closeable {

  /**
   * Opens an archive that is as its ledger says.
   *
   * @param names an index of its directory, if one was kept
   */
  static OldArchive open(Disk disk, Path path, Ledger ledger, @Nullable NameIndex names)
      throws IOException {
    if (ledger.length() == 0) {
      return new OldArchive(null, new byte[0], MergedDirectory.empty());
    }
    DiskFile file = disk.openForRead(path);
    try {
      EndRecord end = EndRecord.read(file);
      return new OldArchive(
          file,
          end.comment(),
          names == null
              ? MergedDirectory.read(file, ledger.contents())
              : MergedDirectory.warm(file, ledger.contents(), names));
    } catch (BadZipException e) {
      try (file) {
        throw new ArchiveDisagreesException(
            ledger.archive() + ": " + e.getMessage() + "; see what sheaf verify says", e);
      }
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      try (file) {
        throw e;
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
