package io.sheaf.zip;

import io.sheaf.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What may follow the contents of an entry whose local header knew neither sizes nor checksum
 * (APPNOTE 4.3.9).
 *
 * <pre>
 * signature      4   may be missing
 * crc-32         4
 * compressed     4   or 8
 * size           4   or 8
 * </pre>
 */
public final class DataDescriptor {
  private static final int SIGNATURE = 0x08074b50;

  private DataDescriptor() {}

  /**
   * Bytes of the one that says of some contents what they are; 0 when there is none.
   *
   * @param position behind the contents
   * @param limit up to which it may reach
   */
  public static int length(
      DiskFile file, long position, long limit, ContentsCheck.Contents contents)
      throws IOException {
    ByteBuffer b =
        ZipFormat.littleEndian(
            ByteBuffer.allocate((int) Math.max(0, Math.min(24, limit - position))));
    file.readFully(b, position);
    int start = b.limit() >= 4 && b.getInt(0) == SIGNATURE ? 4 : 0;
    int length = length(b, start, contents);
    // A checksum may look like the signature.
    return length == 0 && start > 0 ? length(b, 0, contents) : length;
  }

  private static int length(ByteBuffer b, int start, ContentsCheck.Contents contents) {
    if (b.limit() < start + 12 || b.getInt(start) != contents.crc()) {
      return 0;
    }
    boolean wide =
        b.limit() >= start + 20
            && b.getLong(start + 4) == contents.compressedSize()
            && b.getLong(start + 12) == contents.size();
    boolean narrow =
        ZipFormat.u32(b, start + 4) == contents.compressedSize()
            && ZipFormat.u32(b, start + 8) == contents.size();
    return wide ? start + 20 : narrow ? start + 12 : 0;
  }
}
