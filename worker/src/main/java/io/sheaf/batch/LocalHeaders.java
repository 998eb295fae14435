package io.sheaf.batch;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.LocalHeader;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads local headers where a directory says that they are. */
final class LocalHeaders {
  /** As long as most headers are, name and extra fields included. */
  private static final int USUAL = 512;

  private LocalHeaders() {}

  /**
   * Reads the header at a place.
   *
   * @param limit up to which it may reach
   * @param header which speaks of it then
   */
  static LocalHeader.Found read(DiskFile file, long position, long limit, LocalHeader header)
      throws IOException {
    if (position < 0 || position >= limit) {
      return LocalHeader.Found.NONE;
    }
    LocalHeader.Found found = read(file, position, Math.min(USUAL, limit - position), header, 0);
    return found == LocalHeader.Found.PARTIAL
        ? read(file, position, Math.min(LocalHeader.LONGEST, limit - position), header, USUAL)
        : found;
  }

  private static LocalHeader.Found read(
      DiskFile file, long position, long count, LocalHeader header, int seen) throws IOException {
    if (count <= seen) {
      return LocalHeader.Found.PARTIAL;
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) count);
    file.readFully(bytes, position);
    return header.read(bytes.flip(), 0);
  }
}
