package io.sheaf.batch;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.EntryHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Writes entries one after the other in large pieces. Small parts are gathered in a direct buffer
 * of the thread, so that many entries cost one system call.
 */
final class RegionWriter {
  private static final int GATHER = 512 << 10;

  private static final ThreadLocal<ByteBuffer> BUFFERS =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(GATHER));

  private final DiskFile file;
  private final ByteBuffer gathered = BUFFERS.get().clear();
  private final CRC32C crc = new CRC32C();
  private final long start;
  private long at;

  RegionWriter(DiskFile file, long start) {
    this.file = file;
    this.start = start;
    this.at = start;
  }

  /** Writes an entry; returns the CRC32C of its header and contents if it is of a part. */
  int write(PreparedEntry entry) throws IOException {
    EntryHeader header = entry.header();
    if (gathered.remaining() < header.localLength()) {
      flush();
    }
    int start = gathered.position();
    header.encodeLocal(gathered);
    ByteBuffer body = entry.body();
    CRC32C sum = new CRC32C();
    if (entry.part() != null) {
      sum.update(gathered.duplicate().flip().position(start));
      sum.update(body.duplicate());
    }
    if (body.remaining() <= gathered.remaining()) {
      gathered.put(body);
    } else {
      flush();
      put(body);
    }
    return (int) sum.getValue();
  }

  void flush() throws IOException {
    put(gathered.flip());
    gathered.clear();
  }

  private void put(ByteBuffer bytes) throws IOException {
    if (bytes.hasRemaining()) {
      int n = bytes.remaining();
      crc.update(bytes.duplicate());
      file.write(bytes, at);
      at += n;
    }
  }

  /** Bytes written. */
  long length() {
    return at - start;
  }

  /** CRC32C of the bytes written. */
  int crc32c() {
    return (int) crc.getValue();
  }
}
