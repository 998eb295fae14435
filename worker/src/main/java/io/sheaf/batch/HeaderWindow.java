package io.sheaf.batch;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.LocalHeader;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads local headers one behind the other, several with each look at the file. */
final class HeaderWindow {
  private final DiskFile file;
  private final long size;
  private final LocalHeader header;
  private final ByteBuffer window = ByteBuffer.allocate(4 * LocalHeader.LONGEST).limit(0);
  private long windowAt;

  /**
   * @param header which speaks of the header that was read last
   */
  HeaderWindow(DiskFile file, long size, LocalHeader header) {
    this.file = file;
    this.size = size;
    this.header = header;
  }

  /** Reads the header at a place at or behind the last one; false when there is none. */
  boolean read(long at) throws IOException {
    long left = windowAt + window.limit() - at;
    if (left < LocalHeader.LONGEST && left < size - at) {
      window.clear().limit((int) Math.min(window.capacity(), size - at));
      file.readFully(window, at);
      window.flip();
      windowAt = at;
    }
    return header.read(window, (int) (at - windowAt)) == LocalHeader.Found.HEADER;
  }
}
