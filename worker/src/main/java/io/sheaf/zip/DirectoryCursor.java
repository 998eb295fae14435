package io.sheaf.zip;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the records of a central directory, without an object per entry. The getters speak of
 * the record at which {@link #next} has arrived.
 */
public final class DirectoryCursor {
  /** What a name is when bit 11 is not set (APPNOTE appendix D). */
  static final Charset CP437 = Charset.forName("IBM437");

  private final ByteBuffer b;
  private final byte[] bytes;
  private final int base;
  private int at;
  private int next;
  private long size;
  private long compressedSize;
  private long offset;
  private boolean zip64Complete;

  /** Over the records between the buffer's position and limit, which are left as they are. */
  public DirectoryCursor(ByteBuffer directory) {
    ByteBuffer records = directory.slice();
    this.b =
        ZipFormat.littleEndian(
            records.hasArray()
                ? records
                : ByteBuffer.allocate(records.limit()).put(records).flip());
    this.bytes = b.array();
    this.base = b.arrayOffset();
  }

  /**
   * Moves to the next record; false at the end.
   *
   * @throws BadZipException when what follows is no directory record
   */
  public boolean next() throws BadZipException {
    return next(true);
  }

  /** As {@link #next()}; if more bytes are to come, false too before a record that is not whole. */
  boolean next(boolean last) throws BadZipException {
    at = next;
    int left = b.limit() - at;
    if (left == 0 || (!last && left < ZipFormat.DIRECTORY_LENGTH)) {
      return false;
    }
    if (left < ZipFormat.DIRECTORY_LENGTH || b.getInt(at) != ZipFormat.DIRECTORY_SIGNATURE) {
      throw new BadZipException("the central directory is damaged at its byte " + at);
    }
    int end = at + ZipFormat.DIRECTORY_LENGTH + nameLength() + extraLength() + u16(32);
    if (end > b.limit()) {
      if (!last) {
        return false;
      }
      throw new BadZipException("the central directory ends within a record");
    }
    next = end;
    readSizes();
    return true;
  }

  /**
   * Moves to the record that begins at a place, as {@link #at} told it.
   *
   * @throws BadZipException when there is none
   */
  public void moveTo(int place) throws BadZipException {
    next = place;
    if (!next()) {
      throw new BadZipException("the central directory ends at its byte " + place);
    }
  }

  /** Copies the record, without some bytes of it, to a place of an array. */
  void copyTo(byte[] target, int to, int cut, int cutLength) {
    int from = base + at;
    System.arraycopy(bytes, from, target, to, cut);
    int rest = cut + cutLength;
    System.arraycopy(bytes, from + rest, target, to + cut, length() - rest);
  }

  /** Where the records end that were shown. */
  int consumed() {
    return next;
  }

  private void readSizes() {
    compressedSize = u32(20);
    size = u32(24);
    offset = u32(42);
    zip64Complete = true;
    if (Math.max(offset, Math.max(size, compressedSize)) == ZipFormat.IN_ZIP64) {
      readZip64();
    }
  }

  private void readZip64() {
    int data = ExtraFields.find(b, extraAt(), extraLength(), ZipFormat.EXTRA_ZIP64);
    int left = data < 0 ? 0 : ZipFormat.u16(b, data - 2);
    zip64Complete = left >= zip64Needed();
    if (!zip64Complete) {
      return;
    }
    if (size == ZipFormat.IN_ZIP64) {
      size = b.getLong(data);
      data += 8;
    }
    if (compressedSize == ZipFormat.IN_ZIP64) {
      compressedSize = b.getLong(data);
      data += 8;
    }
    if (offset == ZipFormat.IN_ZIP64) {
      offset = b.getLong(data);
    }
  }

  /** Where the record begins, counted from the first. */
  public int at() {
    return at;
  }

  /** Bytes of the record. */
  public int length() {
    return next - at;
  }

  /** The record, as it stands. */
  public ByteBuffer record() {
    return b.slice(at, length());
  }

  /** Version of the format that a reader must know, times ten (APPNOTE 4.4.3.2). */
  public int versionNeeded() {
    return u16(6) & 0xFF;
  }

  /** On which disk of a split archive the entry begins: 0, as there is only one. */
  public int disk() {
    return u16(34);
  }

  /** The entry's comment, as it stands. */
  public ByteBuffer comment() {
    return b.slice(next - u16(32), u16(32));
  }

  public boolean hasComment() {
    return u16(32) > 0;
  }

  public int flags() {
    return u16(8);
  }

  public int method() {
    return u16(10);
  }

  public int dosTime() {
    return (int) u32(12);
  }

  public int crc() {
    return (int) u32(16);
  }

  public long compressedSize() {
    return compressedSize;
  }

  public long size() {
    return size;
  }

  /** Where the local header begins. */
  public long offset() {
    return offset;
  }

  /** Whether every size that is said to be in the zip64 field is there. */
  public boolean zip64Complete() {
    return zip64Complete;
  }

  /** Bytes of the numbers that the record leaves to a zip64 field. */
  private int zip64Needed() {
    int wide = 0;
    for (int field = 20; field <= 24; field += 4) {
      wide += u32(field) == ZipFormat.IN_ZIP64 ? 1 : 0;
    }
    wide += u32(42) == ZipFormat.IN_ZIP64 ? 1 : 0;
    return 8 * wide;
  }

  /**
   * Whether the zip64 field, if there is one, is the only one and holds just the numbers that the
   * record leaves to it. Java from 17.0.8 on refuses a file where one does not.
   */
  public boolean zip64Exact() {
    int fields = ExtraFields.count(b, extraAt(), extraLength(), ZipFormat.EXTRA_ZIP64);
    return fields == 0 ? zip64Needed() == 0 : fields == 1 && zip64Length() == zip64Needed();
  }

  private int zip64Length() {
    int data = ExtraFields.find(b, extraAt(), extraLength(), ZipFormat.EXTRA_ZIP64);
    return data < 0 ? 0 : ZipFormat.u16(b, data - 2);
  }

  /** Bytes of the record when the entry lies anywhere: its zip64 field may become the longest. */
  public int longestLength() {
    int zip64 = ExtraFields.count(b, extraAt(), extraLength(), ZipFormat.EXTRA_ZIP64);
    return length() - (zip64 > 0 ? 4 + zip64Length() : 0) + 4 + 3 * 8;
  }

  /** Whether there is an extra field with an id. */
  public boolean hasExtra(int id) {
    return ExtraFields.count(b, extraAt(), extraLength(), id) > 0;
  }

  public int nameLength() {
    return u16(28);
  }

  /** The name's bytes, as they stand. */
  public ByteBuffer name() {
    return b.slice(at + ZipFormat.DIRECTORY_LENGTH, nameLength());
  }

  /** The array that has the name, from {@link #nameFrom} to {@link #nameTo}. */
  public byte[] nameArray() {
    return bytes;
  }

  public int nameFrom() {
    return base + at + ZipFormat.DIRECTORY_LENGTH;
  }

  public int nameTo() {
    return nameFrom() + nameLength();
  }

  /**
   * The name.
   *
   * @throws CharacterCodingException when it is not in the charset that the record says
   */
  public String nameText() throws CharacterCodingException {
    Charset charset =
        (flags() & ZipFormat.FLAG_UTF8) != 0 || ascii() ? StandardCharsets.UTF_8 : CP437;
    return charset.newDecoder().decode(name()).toString();
  }

  /** Whether the name is ASCII, which every charset of names agrees about. */
  boolean ascii() {
    int end = nameTo();
    for (int i = nameFrom(); i < end; i++) {
      if (bytes[i] < 0) {
        return false;
      }
    }
    return true;
  }

  public boolean extraWellFormed() {
    return ExtraFields.wellFormed(b, extraAt(), extraLength());
  }

  /** The data of the first extra field with an id; null without one. */
  @Nullable ByteBuffer extra(int id) {
    int data = ExtraFields.find(b, extraAt(), extraLength(), id);
    return data < 0 ? null : b.slice(data, ZipFormat.u16(b, data - 2));
  }

  /** Seconds since the epoch. */
  public long modified() {
    return ExtraFields.modified(b, extraAt(), extraLength(), dosTime());
  }

  /** The Unix file mode, which stands there too when it was made elsewhere; 0 without one. */
  public int unixMode() {
    return u16(40);
  }

  /** Mode and owner; those of a file, or a directory, of which nothing is said, without them. */
  public Attributes attributes() {
    boolean slash = nameLength() > 0 && nameArray()[nameTo() - 1] == '/';
    Attributes attributes = unixMode() == 0 ? Attributes.byName(slash) : Attributes.of(unixMode());
    return ExtraFields.withOwner(attributes, b, extraAt(), extraLength());
  }

  private int extraAt() {
    return at + ZipFormat.DIRECTORY_LENGTH + nameLength();
  }

  private int extraLength() {
    return u16(30);
  }

  private int u16(int field) {
    int i = base + at + field;
    return (bytes[i] & 0xFF) | (bytes[i + 1] & 0xFF) << 8;
  }

  private long u32(int field) {
    return u16(field) | (long) u16(field + 2) << 16;
  }
}
