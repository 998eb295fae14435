package io.sheaf.zip;

import io.sheaf.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The end of a zip: where its central directory is, and the archive comment (APPNOTE 4.3.14 to
 * 4.3.16).
 *
 * <pre>
 * zip64 end record, from 65,535 entries or 4 GiB on     end record, always last
 *  0 signature            4                              0 signature         4
 *  4 size of the rest     8                              4 disks             4
 * 12 version made, needed 4                              8 entries (twice)   4
 * 16 disks                8                             12 directory length  4
 * 24 entries (twice)     16                             16 directory offset  4
 * 40 directory length     8                             20 comment length    2
 * 48 directory offset     8                             22 comment
 * 56 locator: signature 4, disk 4, offset of the zip64 end record 8, disks 4
 * </pre>
 *
 * @param length of the end records together, comment included
 */
@SuppressWarnings("ArrayRecordComponent") // a value on its way to a buffer, never compared
public record EndRecord(
    long entries, long directoryOffset, long directoryLength, byte[] comment, long length) {
  /** What the comment length can express (APPNOTE 4.4.12). */
  public static final int MAX_COMMENT = 0xFFFF;

  /** Bytes before the end record in which readers look for a zip64 locator. */
  public static final int LOCATOR = ZipFormat.ZIP64_LOCATOR_LENGTH;

  private static final int TAIL =
      ZipFormat.END_LENGTH + MAX_COMMENT + ZipFormat.ZIP64_LOCATOR_LENGTH;

  /** The end of a zip that is about to be written. */
  public static EndRecord of(
      long entries, long directoryOffset, long directoryLength, byte[] comment) {
    if (comment.length > MAX_COMMENT) {
      throw new IllegalArgumentException("an archive comment of " + comment.length + " bytes");
    }
    boolean zip64 = needsZip64(entries, directoryOffset, directoryLength);
    return of(entries, directoryOffset, directoryLength, comment, zip64);
  }

  /**
   * The end of a zip that is about to be written. Where the last bytes of its directory look like a
   * zip64 locator, as those of a name can, a true one is written after them: Python and libzip
   * believe what stands in its place, and refuse the file.
   *
   * @param last bytes of the directory, all of it if it is shorter than a locator
   */
  public static EndRecord of(
      long entries, long directoryOffset, long directoryLength, ByteBuffer last, byte[] comment) {
    return looksLikeLocator(last)
        ? of(entries, directoryOffset, directoryLength, comment, true)
        : of(entries, directoryOffset, directoryLength, comment);
  }

  private static boolean looksLikeLocator(ByteBuffer last) {
    int at = last.limit() - ZipFormat.ZIP64_LOCATOR_LENGTH;
    return at >= last.position()
        && ZipFormat.littleEndian(last.duplicate()).getInt(at) == ZipFormat.ZIP64_LOCATOR_SIGNATURE;
  }

  private static EndRecord of(
      long entries, long directoryOffset, long directoryLength, byte[] comment, boolean zip64) {
    int more = zip64 ? ZipFormat.ZIP64_END_LENGTH + ZipFormat.ZIP64_LOCATOR_LENGTH : 0;
    return new EndRecord(
        entries,
        directoryOffset,
        directoryLength,
        comment,
        more + ZipFormat.END_LENGTH + comment.length);
  }

  private static boolean needsZip64(long entries, long offset, long length) {
    return entries >= ZipFormat.COUNT_IN_ZIP64
        || offset >= ZipFormat.IN_ZIP64
        || length >= ZipFormat.IN_ZIP64;
  }

  public ByteBuffer encode() {
    ByteBuffer b = ZipFormat.littleEndian(ByteBuffer.allocate((int) length));
    if (length > ZipFormat.END_LENGTH + comment.length) {
      encodeZip64(b);
    }
    short count = (short) Math.min(entries, ZipFormat.COUNT_IN_ZIP64);
    b.putInt(ZipFormat.END_SIGNATURE).putInt(0).putShort(count).putShort(count);
    b.putInt((int) Math.min(directoryLength, ZipFormat.IN_ZIP64));
    b.putInt((int) Math.min(directoryOffset, ZipFormat.IN_ZIP64));
    b.putShort((short) comment.length).put(comment);
    return b.flip();
  }

  private void encodeZip64(ByteBuffer b) {
    b.putInt(ZipFormat.ZIP64_END_SIGNATURE).putLong(ZipFormat.ZIP64_END_LENGTH - 12);
    b.putShort((short) ZipFormat.MADE_BY).putShort((short) ZipFormat.VERSION_ZIP64);
    b.putInt(0).putInt(0).putLong(entries).putLong(entries);
    b.putLong(directoryLength).putLong(directoryOffset);
    b.putInt(ZipFormat.ZIP64_LOCATOR_SIGNATURE).putInt(0);
    b.putLong(directoryOffset + directoryLength).putInt(1);
  }

  /**
   * Finds the end of a zip.
   *
   * @throws BadZipException when there is none, or when directory and end records do not lie one
   *     after the other up to the last byte
   */
  public static EndRecord read(DiskFile file) throws IOException {
    long size = file.size();
    ByteBuffer tail = ZipFormat.littleEndian(ByteBuffer.allocate((int) Math.min(size, TAIL)));
    long tailAt = size - tail.capacity();
    file.readFully(tail, tailAt);
    BadZipException wrong =
        new BadZipException("no end of a central directory: it is cut short, or no zip");
    for (int at = tail.capacity() - ZipFormat.END_LENGTH; at >= 0; at--) {
      // Bytes of a comment may look like an end record: the true one's comment fills the file, and
      // a directory ends where it begins.
      if (tail.getInt(at) == ZipFormat.END_SIGNATURE
          && at + ZipFormat.END_LENGTH + ZipFormat.u16(tail, at + 20) == tail.capacity()) {
        try {
          return decode(file, tail, at, tailAt);
        } catch (BadZipException e) {
          wrong = e;
        }
      }
    }
    throw wrong;
  }

  private static EndRecord decode(DiskFile file, ByteBuffer tail, int at, long tailAt)
      throws IOException {
    byte[] comment = new byte[ZipFormat.u16(tail, at + 20)];
    tail.get(at + ZipFormat.END_LENGTH, comment);
    long end = tailAt + at;
    EndRecord found =
        new EndRecord(
            ZipFormat.u16(tail, at + 10),
            ZipFormat.u32(tail, at + 16),
            ZipFormat.u32(tail, at + 12),
            comment,
            file.size() - end);
    // The end of a directory may look like a locator: where the plain numbers fit, they are meant.
    int locator = at - ZipFormat.ZIP64_LOCATOR_LENGTH;
    boolean plain = found.directoryEndsAt(end) && found.entries < ZipFormat.COUNT_IN_ZIP64;
    if (!plain && locator >= 0 && tail.getInt(locator) == ZipFormat.ZIP64_LOCATOR_SIGNATURE) {
      end = tail.getLong(locator + 8);
      found = decodeZip64(file, end, comment, file.size() - end);
    }
    if (!found.directoryEndsAt(end)) {
      throw new BadZipException("the central directory does not end where the end record begins");
    }
    return found;
  }

  private boolean directoryEndsAt(long end) {
    return directoryOffset >= 0 && directoryLength >= 0 && directoryOffset + directoryLength == end;
  }

  private static EndRecord decodeZip64(DiskFile file, long at, byte[] comment, long length)
      throws IOException {
    ByteBuffer b = ZipFormat.littleEndian(ByteBuffer.allocate(ZipFormat.ZIP64_END_LENGTH));
    if (at < 0 || at > file.size() - b.capacity()) {
      throw new BadZipException("the zip64 locator points outside the file");
    }
    file.readFully(b, at);
    if (b.getInt(0) != ZipFormat.ZIP64_END_SIGNATURE) {
      throw new BadZipException("the zip64 locator points to no end record");
    }
    return new EndRecord(b.getLong(32), b.getLong(48), b.getLong(40), comment, length);
  }
}
