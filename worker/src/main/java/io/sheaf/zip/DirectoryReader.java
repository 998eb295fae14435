package io.sheaf.zip;

import io.sheaf.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Walks over a central directory in a file, piece by piece, so that one of any length takes a few
 * MiB of memory.
 */
public final class DirectoryReader {
  private static final int PIECE = 1 << 20;

  private final DiskFile file;
  private final long position;
  private final long length;
  private final CRC32C crc = new CRC32C();

  /** Over the directory of {@code length} bytes that begins at a position of the file. */
  public DirectoryReader(DiskFile file, long position, long length) {
    this.file = file;
    this.position = position;
    this.length = length;
  }

  /** What is done with each record. */
  public interface Visitor {
    /**
     * Sees the record at which the cursor stands; false ends the walk.
     *
     * @param record where it begins, counted from the first
     */
    boolean see(DirectoryCursor entry, long record) throws IOException;
  }

  /**
   * Shows every record, in order.
   *
   * @return how many were shown
   * @throws BadZipException when what is there is no directory
   */
  public long forEach(Visitor visitor) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, length));
    long entries = 0;
    long read = 0;
    while (read < length || piece.position() > 0) {
      int room = (int) Math.min(piece.remaining(), length - read);
      if (room == 0 && read < length) {
        piece = larger(piece);
        continue;
      }
      read += fill(piece, read, room);
      piece.flip();
      DirectoryCursor entry = new DirectoryCursor(piece);
      boolean last = read == length;
      long first = read - piece.limit();
      while (entry.next(last)) {
        entries++;
        if (!visitor.see(entry, first + entry.at())) {
          return entries;
        }
      }
      piece.position(entry.consumed()).compact();
    }
    return entries;
  }

  private int fill(ByteBuffer piece, long done, int count) throws IOException {
    int start = piece.position();
    piece.limit(start + count);
    file.readFully(piece, position + done);
    crc.update(piece.array(), piece.arrayOffset() + start, count);
    return count;
  }

  private static ByteBuffer larger(ByteBuffer piece) {
    return ByteBuffer.allocate(2 * piece.capacity()).put(piece.flip());
  }

  /** Whether the record that begins at a position of a file has a name. */
  public static boolean isNameAt(DiskFile file, long position, byte[] name, int from, int to)
      throws IOException {
    ByteBuffer record = ByteBuffer.allocate(ZipFormat.DIRECTORY_LENGTH + to - from);
    if (file.read(record, position) < record.capacity()) {
      return false;
    }
    return ZipFormat.u16(ZipFormat.littleEndian(record), 28) == to - from
        && Arrays.equals(
            record.array(), ZipFormat.DIRECTORY_LENGTH, record.capacity(), name, from, to);
  }

  /**
   * A cursor that stands at the record that begins at a position of a file.
   *
   * @throws BadZipException when there is none
   */
  public static DirectoryCursor at(DiskFile file, long position) throws IOException {
    ByteBuffer fixed = ZipFormat.littleEndian(ByteBuffer.allocate(ZipFormat.DIRECTORY_LENGTH));
    file.readFully(fixed, position);
    int length =
        ZipFormat.DIRECTORY_LENGTH
            + ZipFormat.u16(fixed, 28)
            + ZipFormat.u16(fixed, 30)
            + ZipFormat.u16(fixed, 32);
    ByteBuffer record = ByteBuffer.allocate(length);
    file.readFully(record, position);
    DirectoryCursor cursor = new DirectoryCursor(record.flip());
    cursor.next();
    return cursor;
  }

  /** CRC32C of what was read: of the whole directory, after a walk that was not ended. */
  public int crc32c() {
    return (int) crc.getValue();
  }
}
