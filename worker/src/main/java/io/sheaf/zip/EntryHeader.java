package io.sheaf.zip;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What Sheaf writes about an entry, in front of its contents and again in the central directory.
 *
 * <pre>
 * local file header (4.3.7)            directory record (4.3.12)
 *  0 signature      4                   0 signature      4
 *  4 version needed 2                   4 version made   2
 *  6 flags          2                   6 version needed 2
 *  8 method         2                   8 flags          2
 * 10 time, date     4                  10 method         2
 * 14 crc-32         4                  12 time, date     4
 * 18 compressed     4                  16 crc-32         4
 * 22 size           4                  20 compressed     4
 * 26 name length    2                  24 size           4
 * 28 extra length   2                  28 name length    2
 * 30 name, extra                       30 extra length   2
 *                                      32 comment length 2
 *                                      34 disk           2
 *                                      36 internal attr. 2
 *                                      38 external attr. 4
 *                                      42 offset         4
 *                                      46 name, extra, comment
 * </pre>
 *
 * @param name as it stands in the headers; UTF-8
 * @param method {@link ZipFormat#STORED} or {@link ZipFormat#DEFLATED}
 * @param modified milliseconds since the epoch; kept to the second
 * @param crc CRC-32 of the contents
 * @param compressedSize bytes in the file
 * @param size bytes of the contents
 * @param roomForZip64 whether the local header has the zip64 extra field whatever the sizes: so it
 *     is when the header was written before the sizes were known
 * @param part in a batch that holds several archives, which part of it the entry belongs to: that
 *     stands in the local header only; 0 in any other batch
 * @param attributes mode and owner; a plain file's take no byte
 * @param id of the deposit, in the local header only; null for one that has no name
 */
@SuppressWarnings("ArrayRecordComponent") // a value on its way to a buffer, never compared
public record EntryHeader(
    byte[] name,
    int method,
    long modified,
    int crc,
    long compressedSize,
    long size,
    boolean roomForZip64,
    long part,
    Attributes attributes,
    @Nullable DepositId id) {
  private static final int LOCAL_ZIP64_LENGTH = 4 + 16;
  private static final int TIMESTAMP_LENGTH = 4 + 5;

  /** Bytes of the extra fields that a local header may have, beside that of a part. */
  public static final List<Integer> EXTRA_LENGTHS =
      List.of(
          LOCAL_ZIP64_LENGTH,
          TIMESTAMP_LENGTH,
          4 + ZipFormat.ASI_LENGTH,
          4 + ZipFormat.OWNER_LENGTH,
          4 + ZipFormat.ID_LENGTH);

  /** Says that the only time given is that of the last modification. */
  private static final byte TIMESTAMP_MODIFIED = 1;

  /** A regular file with mode 0644, in the upper half as Unix has it. */
  static final int REGULAR_FILE = 0100644 << 16;

  /** The header of a plain file that belongs to no part, without an id. */
  public EntryHeader(
      byte[] name,
      int method,
      long modified,
      int crc,
      long compressedSize,
      long size,
      boolean roomForZip64) {
    this(name, method, modified, crc, compressedSize, size, roomForZip64, 0, Attributes.FILE, null);
  }

  private boolean localZip64() {
    return roomForZip64 || size >= ZipFormat.IN_ZIP64 || compressedSize >= ZipFormat.IN_ZIP64;
  }

  private boolean timestamp() {
    long second = Math.floorDiv(modified, 1000);
    return second == (int) second;
  }

  /** Bytes of the local header. */
  public int localLength() {
    return ZipFormat.LOCAL_LENGTH
        + name.length
        + (localZip64() ? LOCAL_ZIP64_LENGTH : 0)
        + (timestamp() ? TIMESTAMP_LENGTH : 0)
        + (attributes.isPlainMode() ? 0 : 4 + ZipFormat.ASI_LENGTH)
        + ownerLength()
        + (id == null ? 0 : 4 + ZipFormat.ID_LENGTH)
        + (part == 0 ? 0 : 4 + ZipFormat.PART_LENGTH);
  }

  private int ownerLength() {
    return attributes.hasOwner() ? 4 + ZipFormat.OWNER_LENGTH : 0;
  }

  /** Writes the local header. */
  public void encodeLocal(ByteBuffer target) {
    ByteBuffer b = ZipFormat.littleEndian(target);
    boolean zip64 = localZip64();
    b.putInt(ZipFormat.LOCAL_SIGNATURE);
    b.putShort((short) versionNeeded(zip64));
    b.putShort((short) flags());
    b.putShort((short) method);
    b.putInt(dosTime());
    b.putInt(crc);
    b.putInt((int) (zip64 ? ZipFormat.IN_ZIP64 : compressedSize));
    b.putInt((int) (zip64 ? ZipFormat.IN_ZIP64 : size));
    b.putShort((short) name.length);
    b.putShort((short) (localLength() - ZipFormat.LOCAL_LENGTH - name.length));
    b.put(name);
    if (zip64) {
      b.putShort((short) ZipFormat.EXTRA_ZIP64).putShort((short) 16).putLong(size);
      b.putLong(compressedSize);
    }
    encodeTimestamp(b);
    if (!attributes.isPlainMode()) {
      ExtraFields.putMode(b, attributes);
    }
    encodeOwner(b);
    if (id != null) {
      ExtraFields.putId(b, id);
    }
    if (part != 0) {
      b.putShort((short) ZipFormat.EXTRA_PART).putShort((short) ZipFormat.PART_LENGTH);
      b.putLong(part).putInt(ExtraFields.partSum(part, ByteBuffer.wrap(name)));
    }
  }

  /** Bytes of the directory record of the entry whose local header is at an offset. */
  public int directoryLength(long offset) {
    return ZipFormat.DIRECTORY_LENGTH
        + name.length
        + zip64InDirectory(offset)
        + (timestamp() ? TIMESTAMP_LENGTH : 0)
        + ownerLength();
  }

  /** Writes the directory record. */
  public void encodeDirectory(ByteBuffer target, long offset) {
    ByteBuffer b = ZipFormat.littleEndian(target);
    int zip64 = zip64InDirectory(offset);
    b.putInt(ZipFormat.DIRECTORY_SIGNATURE);
    b.putShort((short) ZipFormat.MADE_BY);
    b.putShort((short) versionNeeded(zip64 > 0 || localZip64()));
    b.putShort((short) flags());
    b.putShort((short) method);
    b.putInt(dosTime());
    b.putInt(crc);
    b.putInt(narrow(compressedSize));
    b.putInt(narrow(size));
    b.putShort((short) name.length);
    b.putShort((short) (zip64 + (timestamp() ? TIMESTAMP_LENGTH : 0) + ownerLength()));
    b.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    b.putInt(attributes.external());
    b.putInt(narrow(offset));
    b.put(name);
    if (zip64 > 0) {
      b.putShort((short) ZipFormat.EXTRA_ZIP64).putShort((short) (zip64 - 4));
      putIfWide(b, size);
      putIfWide(b, compressedSize);
      putIfWide(b, offset);
    }
    encodeTimestamp(b);
    encodeOwner(b);
  }

  private void encodeOwner(ByteBuffer b) {
    if (attributes.hasOwner()) {
      ExtraFields.putOwner(b, attributes);
    }
  }

  private void encodeTimestamp(ByteBuffer b) {
    if (timestamp()) {
      b.putShort((short) ZipFormat.EXTRA_TIMESTAMP).putShort((short) 5);
      b.put(TIMESTAMP_MODIFIED).putInt((int) Math.floorDiv(modified, 1000));
    }
  }

  private int dosTime() {
    return DosTime.of(Math.floorDiv(modified, 1000));
  }

  private int flags() {
    for (byte c : name) {
      if (c < 0) {
        return ZipFormat.FLAG_UTF8;
      }
    }
    return 0;
  }

  private int versionNeeded(boolean zip64) {
    if (zip64) {
      return ZipFormat.VERSION_ZIP64;
    }
    return method == ZipFormat.STORED ? ZipFormat.VERSION_STORED : ZipFormat.VERSION_DEFLATED;
  }

  private int zip64InDirectory(long offset) {
    int fields = wide(size) + wide(compressedSize) + wide(offset);
    return fields == 0 ? 0 : 4 + 8 * fields;
  }

  private static int wide(long value) {
    return value >= ZipFormat.IN_ZIP64 ? 1 : 0;
  }

  private static int narrow(long value) {
    return (int) Math.min(value, ZipFormat.IN_ZIP64);
  }

  private static void putIfWide(ByteBuffer b, long value) {
    if (value >= ZipFormat.IN_ZIP64) {
      b.putLong(value);
    }
  }
}
