package io.sheaf.archive;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.EndRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Reads of a destination as a whole: its sums. */
final class ArchiveFile {
  private static final int PIECE = 1 << 20;

  private ArchiveFile() {}

  /** CRC32C of the last {@link Ledger#TAIL} bytes. */
  static int tail(DiskFile file) throws IOException {
    long size = file.size();
    long covered = Math.min(size, Ledger.TAIL);
    return crc(file, size - covered, covered);
  }

  static int crc(DiskFile file, long position, long length) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, length));
    for (long done = 0; done < length; done += piece.limit()) {
      piece.clear().limit((int) Math.min(piece.capacity(), length - done));
      file.readFully(piece, position + done);
      crc.update(piece.flip());
    }
    return (int) crc.getValue();
  }

  /** What a ledger would say of a file, all of which is read. */
  static Ledger.Contents contents(DiskFile file, EndRecord end) throws IOException {
    long size = file.size();
    long data = end.directoryOffset();
    long directory = end.directoryLength();
    return new Ledger.Contents(
        size,
        tail(file),
        data,
        crc(file, 0, data),
        directory,
        crc(file, data, directory),
        crc(file, data + directory, size - data - directory),
        end.entries());
  }
}
