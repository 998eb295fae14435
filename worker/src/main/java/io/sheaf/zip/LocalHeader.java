package io.sheaf.zip;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A local file header as it stands in a file (APPNOTE 4.3.7). One object reads many headers: the
 * getters speak of the last one read.
 */
public final class LocalHeader {
  /** Bytes of the longest header: the fixed part, a name and extra fields (4.4.10, 4.4.11). */
  public static final int LONGEST = ZipFormat.LOCAL_LENGTH + 2 * 0xFFFF;

  private ByteBuffer source = ByteBuffer.allocate(0);
  private ByteBuffer b = source;
  private final byte[] fixed = new byte[ZipFormat.LOCAL_LENGTH];
  private byte[] bytes = new byte[256];
  private int at;
  private int nameLength;
  private int extraLength;
  private long size;
  private long compressedSize;
  private boolean zip64Complete;

  /** What reading can find at a place. */
  public enum Found {
    /** A whole header. */
    HEADER,
    /** The beginning of one: there are fewer bytes than it has. */
    PARTIAL,
    /** Something else. */
    NONE
  }

  /** Reads what is at an index of a buffer, within its limit. */
  @SuppressWarnings("ReferenceEquality") // equal contents do not make it the same buffer
  public Found read(ByteBuffer buffer, int index) {
    if (source != buffer) {
      source = buffer;
      b = ZipFormat.littleEndian(buffer.duplicate());
    }
    b.clear().limit(buffer.limit());
    at = index;
    int left = buffer.limit() - index;
    if (left < 4) {
      return Found.PARTIAL;
    }
    if (b.getInt(at) != ZipFormat.LOCAL_SIGNATURE) {
      return Found.NONE;
    }
    if (left < ZipFormat.LOCAL_LENGTH) {
      return Found.PARTIAL;
    }
    b.get(at, fixed);
    nameLength = u16(26);
    extraLength = u16(28);
    if (left < length()) {
      return Found.PARTIAL;
    }
    readSizes();
    return Found.HEADER;
  }

  private int u16(int field) {
    return (fixed[field] & 0xFF) | (fixed[field + 1] & 0xFF) << 8;
  }

  private long u32(int field) {
    return u16(field) | (long) u16(field + 2) << 16;
  }

  private void readSizes() {
    compressedSize = u32(18);
    size = u32(22);
    zip64Complete = true;
    if (size == ZipFormat.IN_ZIP64 || compressedSize == ZipFormat.IN_ZIP64) {
      int data = ExtraFields.find(b, extraAt(), extraLength, ZipFormat.EXTRA_ZIP64);
      // In a local header both sizes are there or none (4.5.3).
      zip64Complete = data >= 0 && ZipFormat.u16(b, data - 2) >= 16;
      if (zip64Complete) {
        size = b.getLong(data);
        compressedSize = b.getLong(data + 8);
      }
    }
  }

  /** Bytes of the header with name and extra fields. */
  public int length() {
    return ZipFormat.LOCAL_LENGTH + nameLength + extraLength;
  }

  /** Version of the format that a reader must know, times ten (APPNOTE 4.4.3.2). */
  public int versionNeeded() {
    return u16(4) & 0xFF;
  }

  /** Whether there is an extra field with an id. */
  public boolean hasExtra(int id) {
    return ExtraFields.count(b, extraAt(), extraLength, id) > 0;
  }

  public int flags() {
    return u16(6);
  }

  public int method() {
    return u16(8);
  }

  public int dosTime() {
    return (int) u32(10);
  }

  public int crc() {
    return (int) u32(14);
  }

  public long compressedSize() {
    return compressedSize;
  }

  public long size() {
    return size;
  }

  /** Whether sizes that are said to be in the zip64 field are there. */
  public boolean zip64Complete() {
    return zip64Complete;
  }

  /** The name's bytes, as they stand. */
  public ByteBuffer name() {
    return b.slice(at + ZipFormat.LOCAL_LENGTH, nameLength);
  }

  /**
   * Whether the name is that of a directory record, behind some other bytes.
   *
   * @param prefix those bytes
   */
  public boolean isNamed(byte[] prefix, DirectoryCursor entry) {
    int n = nameLength;
    if (n != prefix.length + entry.nameLength()) {
      return false;
    }
    if (bytes.length < n) {
      bytes = new byte[n];
    }
    b.get(at + ZipFormat.LOCAL_LENGTH, bytes, 0, n);
    return Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length)
        && Arrays.equals(
            bytes, prefix.length, n, entry.nameArray(), entry.nameFrom(), entry.nameTo());
  }

  public boolean extraWellFormed() {
    return ExtraFields.wellFormed(b, extraAt(), extraLength);
  }

  /** Whether the sizes stand in a zip64 field. */
  public boolean zip64() {
    return u32(22) == ZipFormat.IN_ZIP64 || u32(18) == ZipFormat.IN_ZIP64;
  }

  /** Seconds since the epoch. */
  public long modified() {
    return ExtraFields.modified(b, extraAt(), extraLength, dosTime());
  }

  /** Mode and owner; those of a file, or a directory, of which nothing is said, without them. */
  public Attributes attributes() {
    int mode = ExtraFields.mode(b, extraAt(), extraLength);
    Attributes attributes = mode < 0 ? Attributes.byName(hasSlashAtEnd()) : Attributes.of(mode);
    return ExtraFields.withOwner(attributes, b, extraAt(), extraLength);
  }

  private boolean hasSlashAtEnd() {
    return nameLength > 0 && b.get(at + ZipFormat.LOCAL_LENGTH + nameLength - 1) == '/';
  }

  /** Whether a mode that the header gives is another one; true too when its sum does not hold. */
  public boolean contradictsMode(int mode) {
    return hasExtra(ZipFormat.EXTRA_ASI) && ExtraFields.mode(b, extraAt(), extraLength) != mode;
  }

  /** The id of the deposit; null when it has none. */
  public @Nullable DepositId depositId() {
    return ExtraFields.id(b, extraAt(), extraLength);
  }

  /** Of a batch of several archives: the part that the entry belongs to; 0 when none is given. */
  public long part() {
    int data = partAt();
    return data < 0 ? 0 : b.getLong(data);
  }

  /** Whether part and name are what was written, by the sum beside them. */
  public boolean partHolds() {
    int data = partAt();
    return data >= 0 && b.getInt(data + 8) == ExtraFields.partSum(b.getLong(data), name());
  }

  private int partAt() {
    int data = ExtraFields.find(b, extraAt(), extraLength, ZipFormat.EXTRA_PART);
    return data >= 0 && ZipFormat.u16(b, data - 2) == ZipFormat.PART_LENGTH ? data : -1;
  }

  /**
   * Writes the header as it is to be outside of a batch of several archives: the name without its
   * first bytes, and without the field that names the part.
   *
   * @param target with room for {@link #length()} bytes
   */
  public void encodeWithoutPrefix(int prefix, ByteBuffer target) {
    int start = target.position();
    int name = nameLength - prefix;
    copy(at, ZipFormat.LOCAL_LENGTH, target);
    copy(at + ZipFormat.LOCAL_LENGTH + prefix, name, target);
    int extra = target.position();
    int end = extraAt() + extraLength;
    for (int p = extraAt(); p + 4 <= end; p += 4 + ZipFormat.u16(b, p + 2)) {
      if (ZipFormat.u16(b, p) != ZipFormat.EXTRA_PART) {
        copy(p, 4 + ZipFormat.u16(b, p + 2), target);
      }
    }
    putShort(target, start + 26, name);
    putShort(target, start + 28, target.position() - extra);
  }

  private void copy(int from, int count, ByteBuffer target) {
    int to = target.position();
    target.put(to, b, from, count).position(to + count);
  }

  /** Whatever order the buffer has. */
  private static void putShort(ByteBuffer target, int at, int value) {
    target.put(at, (byte) value).put(at + 1, (byte) (value >>> 8));
  }

  /** Copies the extra fields that hold on for the entry when its sizes or its name change. */
  void copyExtras(ByteBuffer target) {
    ExtraFields.copy(
        b, extraAt(), extraLength, target, ZipFormat.EXTRA_ZIP64, ZipFormat.EXTRA_UNICODE_PATH);
  }

  /**
   * A directory record for the entry, of a zip that has lost its own.
   *
   * @param offset of this header
   * @param contents what the entry holds: where sizes follow the contents, the header does not know
   */
  public ByteBuffer asRecord(long offset, ContentsCheck.Contents contents) {
    ByteBuffer record =
        ZipFormat.littleEndian(
            ByteBuffer.allocate(ZipFormat.DIRECTORY_LENGTH + nameLength + 4 + 3 * 8));
    record.putInt(ZipFormat.DIRECTORY_SIGNATURE).putShort((short) ZipFormat.MADE_BY);
    record.put(b.slice(at + 4, 10)).putInt(contents.crc());
    record.putInt((int) Math.min(contents.compressedSize(), ZipFormat.IN_ZIP64));
    record.putInt((int) Math.min(contents.size(), ZipFormat.IN_ZIP64));
    record.putShort((short) nameLength).putShort((short) 0).putShort((short) 0);
    record.putShort((short) 0).putShort((short) 0).putInt(EntryHeader.REGULAR_FILE);
    record.putInt((int) Math.min(offset, ZipFormat.IN_ZIP64)).put(name());
    int extra = record.position();
    record.putShort((short) ZipFormat.EXTRA_ZIP64).putShort((short) 0);
    for (long value : new long[] {contents.size(), contents.compressedSize(), offset}) {
      if (value >= ZipFormat.IN_ZIP64) {
        record.putLong(value);
      }
    }
    int data = record.position() - extra - 4;
    record.putShort(extra + 2, (short) data);
    record.position(data == 0 ? extra : record.position());
    record.putShort(30, (short) (record.position() - extra));
    return record.flip();
  }

  private int extraAt() {
    return at + ZipFormat.LOCAL_LENGTH + nameLength;
  }
}
