package io.sheaf.archive;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EntryStreams;
import java.io.IOException;
import java.io.InputStream;

/** Whether two entries hold the same, byte for byte and not by their sums alone. */
final class SameContents {
  private SameContents() {}

  /**
   * @param file of the new entry
   * @param data of the one that is there
   */
  static boolean are(DiskFile file, DirectoryCursor entry, DiskFile data, DirectoryCursor there)
      throws IOException {
    if (entry.size() != there.size() || entry.crc() != there.crc()) {
      return false;
    }
    InputStream old;
    InputStream fresh;
    try {
      old = EntryStreams.of(data, there);
      fresh = EntryStreams.of(file, entry);
    } catch (BadZipException e) {
      // Damaged, in an archive that was there before: it is the same as nothing.
      return false;
    }
    return EntryStreams.same(fresh, old, entry.size());
  }
}
