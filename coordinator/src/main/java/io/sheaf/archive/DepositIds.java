package io.sheaf.archive;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.DepositId;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.LocalHeader;
import io.sheaf.zip.ZipFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The ids of deposits, which stand in local headers only. */
final class DepositIds {
  /** More than the extra fields that Sheaf writes. */
  private static final int EXTRA = 128;

  private DepositIds() {}

  /**
   * The id that an entry came with; null when it has none, or its header cannot be read.
   *
   * @param prefix bytes of the name that the directory does not have
   */
  static @Nullable DepositId of(DiskFile data, DirectoryCursor entry, int prefix)
      throws IOException {
    long left = data.size() - entry.offset();
    if (entry.offset() < 0 || left < 0) {
      return null; // Damaged, in an archive that was there before.
    }
    LocalHeader header = new LocalHeader();
    long likely = (long) ZipFormat.LOCAL_LENGTH + prefix + entry.nameLength() + EXTRA;
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(likely, left));
    data.readFully(bytes, entry.offset());
    LocalHeader.Found found = header.read(bytes.flip(), 0);
    if (found == LocalHeader.Found.PARTIAL && left > likely) {
      ByteBuffer longest = ByteBuffer.allocate((int) Math.min(LocalHeader.LONGEST, left));
      data.readFully(longest, entry.offset());
      found = header.read(longest.flip(), 0);
    }
    return found == LocalHeader.Found.HEADER ? header.depositId() : null;
  }
}
