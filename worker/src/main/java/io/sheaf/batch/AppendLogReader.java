package io.sheaf.batch;

import io.sheaf.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of an append log one after the other, up to the first that does not hold: a
 * crash tears a log at its end only, since all before a record that was synced was synced too.
 */
final class AppendLogReader {
  private static final int WINDOW = 256 << 10;

  private final DiskFile file;
  private final long size;
  private final boolean own;
  private ByteBuffer window = ByteBuffer.allocate(WINDOW).limit(0);
  private long windowAt;
  private long position;
  private long next = AppendRecord.FILE_HEADER;

  AppendLogReader(DiskFile file) throws IOException {
    this(file, file.size());
  }

  /** Of the first bytes only. */
  AppendLogReader(DiskFile file, long size) throws IOException {
    this.file = file;
    this.size = size;
    ByteBuffer header = ByteBuffer.allocate(AppendRecord.FILE_HEADER);
    boolean begun = size >= AppendRecord.FILE_HEADER;
    if (begun) {
      file.readFully(header, 0);
      begun = header.getLong(0) == AppendRecord.MAGIC;
    }
    this.own = begun && header.getLong(Long.BYTES) == 1;
    if (!begun) {
      next = 0;
    }
  }

  /** Whether one segment has the log alone. */
  boolean isOwn() {
    return own;
  }

  /** The next record; null at the end, or when what follows is torn. */
  @Nullable AppendRecord next() throws IOException {
    if (next == 0 || !has(AppendRecord.HEADER)) {
      return null;
    }
    int at = (int) (next - windowAt);
    long length = AppendRecord.lengthAt(window, at);
    if (length < 0 || length > size - next || !has((int) length)) {
      return null;
    }
    at = (int) (next - windowAt);
    if (!AppendRecord.holdsAt(window, at)) {
      return null;
    }
    position = next;
    next += length;
    return AppendRecord.at(window, at);
  }

  /** Where the record that was read last begins. */
  long position() {
    return position;
  }

  /** Where the records that hold end. */
  long end() {
    return next;
  }

  private boolean has(int bytes) throws IOException {
    if (size - next < bytes) {
      return false;
    }
    if (next + bytes > windowAt + window.limit()) {
      if (bytes > window.capacity()) {
        window = ByteBuffer.allocate(bytes);
      }
      window.clear().limit((int) Math.min(window.capacity(), size - next));
      file.readFully(window, next);
      window.flip();
      windowAt = next;
    }
    return true;
  }
}
