package io.sheaf.zip;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A central directory that grows, as the bytes that it will be. */
public final class DirectoryBuilder {
  /** Java's arrays end a little below 2 GiB, and so does a directory in memory. */
  private static final int MAX = Integer.MAX_VALUE - 16;

  private byte[] bytes;
  private int length;
  private long entries;

  public DirectoryBuilder(int expectedLength) {
    bytes = new byte[Math.max(expectedLength, 1024)];
  }

  /** Adds the record of an entry whose local header is at an offset. */
  public void add(EntryHeader header, long offset) {
    int n = header.directoryLength(offset);
    ensureRoom(n);
    header.encodeDirectory(ByteBuffer.wrap(bytes, length, n), offset);
    length += n;
    entries++;
  }

  /** Adds records as they stand. */
  public void addAll(ByteBuffer records, long count) {
    int n = records.remaining();
    ensureRoom(n);
    records.duplicate().get(bytes, length, n);
    length += n;
    entries += count;
  }

  /** Adds the record at which a cursor stands, without the first bytes of its name. */
  public void addWithoutPrefix(DirectoryCursor cursor, int prefix) {
    int n = cursor.length() - prefix;
    ensureRoom(n);
    cursor.copyTo(bytes, length, ZipFormat.DIRECTORY_LENGTH, prefix);
    putShort(length + 28, cursor.nameLength() - prefix);
    length += n;
    entries++;
  }

  /** Adds the record at which a cursor stands, for an entry that lies elsewhere now. */
  public void addMoved(DirectoryCursor cursor, long newOffset) {
    if (cursor.offset() < ZipFormat.IN_ZIP64 && newOffset < ZipFormat.IN_ZIP64) {
      ensureRoom(cursor.length());
      cursor.copyTo(bytes, length, 0, 0);
      putShort(length + 42, (int) newOffset);
      putShort(length + 44, (int) (newOffset >>> 16));
      length += cursor.length();
      entries++;
    } else {
      addRewritten(cursor, newOffset);
    }
  }

  private void putShort(int at, int value) {
    bytes[at] = (byte) value;
    bytes[at + 1] = (byte) (value >>> 8);
  }

  /** As {@link #addMoved}, when the offset moves into or within the zip64 field. */
  private void addRewritten(DirectoryCursor cursor, long newOffset) {
    ByteBuffer old = ZipFormat.littleEndian(cursor.record());
    int nameEnd = ZipFormat.DIRECTORY_LENGTH + cursor.nameLength();
    int extraEnd = nameEnd + ZipFormat.u16(old, 30);
    // The widest zip64 field has four numbers.
    int room = old.limit() + 4 + 32;
    ensureRoom(room);
    ByteBuffer b = ZipFormat.littleEndian(ByteBuffer.wrap(bytes, length, room).slice());
    b.put(old.slice(0, nameEnd));
    putZip64(b, cursor, newOffset);
    for (int p = nameEnd; p + 4 <= extraEnd; p += 4 + ZipFormat.u16(old, p + 2)) {
      if (ZipFormat.u16(old, p) != ZipFormat.EXTRA_ZIP64) {
        b.put(old.slice(p, 4 + ZipFormat.u16(old, p + 2)));
      }
    }
    b.putShort(30, (short) (b.position() - nameEnd));
    b.put(old.slice(extraEnd, old.limit() - extraEnd));
    b.putShort(6, (short) ZipFormat.VERSION_ZIP64);
    b.putInt(42, (int) Math.min(newOffset, ZipFormat.IN_ZIP64));
    length += b.position();
    entries++;
  }

  /**
   * Adds the record at which a cursor stands, for an entry that lies elsewhere now, with the name
   * and the flags that it gets there.
   */
  public void addPlain(DirectoryCursor cursor, PlainEntry plain, long newOffset) {
    ByteBuffer old = ZipFormat.littleEndian(cursor.record());
    int extraAt = ZipFormat.DIRECTORY_LENGTH + cursor.nameLength();
    int extraEnd = extraAt + ZipFormat.u16(old, 30);
    // The widest zip64 field has four numbers.
    int room = old.limit() + plain.name().length + 4 + 32;
    ensureRoom(room);
    ByteBuffer b = ZipFormat.littleEndian(ByteBuffer.wrap(bytes, length, room).slice());
    b.put(old.slice(0, ZipFormat.DIRECTORY_LENGTH)).put(plain.name());
    int extra = b.position();
    putZip64(b, cursor, newOffset);
    boolean wide = b.position() > extra;
    ExtraFields.copy(
        old, extraAt, extraEnd - extraAt, b, ZipFormat.EXTRA_ZIP64, ZipFormat.EXTRA_UNICODE_PATH);
    b.putShort(30, (short) (b.position() - extra));
    b.put(old.slice(extraEnd, old.limit() - extraEnd));
    if (wide) {
      b.putShort(6, (short) ZipFormat.VERSION_ZIP64);
    }
    b.putShort(8, (short) plain.flags());
    b.putInt(20, (int) Math.min(cursor.compressedSize(), ZipFormat.IN_ZIP64));
    b.putInt(24, (int) Math.min(cursor.size(), ZipFormat.IN_ZIP64));
    b.putShort(28, (short) plain.name().length);
    b.putInt(42, (int) Math.min(newOffset, ZipFormat.IN_ZIP64));
    length += b.position();
    entries++;
  }

  private static void putZip64(ByteBuffer b, DirectoryCursor cursor, long newOffset) {
    int at = b.position();
    b.putShort((short) ZipFormat.EXTRA_ZIP64).putShort((short) 0);
    for (long value : new long[] {cursor.size(), cursor.compressedSize(), newOffset}) {
      if (value >= ZipFormat.IN_ZIP64) {
        b.putLong(value);
      }
    }
    int data = b.position() - at - 4;
    b.putShort(at + 2, (short) data);
    if (data == 0) {
      b.position(at);
    }
  }

  /** Makes room for records of so many bytes, so that adding them does not fail for memory. */
  public void reserve(long records) {
    ensureRoom((int) Math.min(records, Integer.MAX_VALUE));
  }

  private void ensureRoom(int n) {
    if (n > MAX - length) {
      throw new IllegalStateException("a central directory of more than 2 GiB");
    }
    if (length + n > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(MAX, Math.max(length + n, 2L * bytes.length)));
    }
  }

  /** Bytes so far. */
  public int length() {
    return length;
  }

  public long entries() {
    return entries;
  }

  /** The records so far; the view ends when something is added. */
  public ByteBuffer bytes() {
    return ByteBuffer.wrap(bytes, 0, length).slice();
  }

  /** Whether the record that begins at a place has a name. */
  public boolean isNameAt(int record, byte[] name, int from, int to) {
    int start = record + ZipFormat.DIRECTORY_LENGTH;
    int n = (bytes[record + 28] & 0xFF) | (bytes[record + 29] & 0xFF) << 8;
    return Arrays.equals(bytes, start, start + n, name, from, to);
  }

  /** Forgets records that were added last. */
  public void cutBack(int toLength, long toEntries) {
    length = toLength;
    entries = toEntries;
  }

  /** A cursor that stands at the record that begins at a place. */
  public DirectoryCursor at(int record) throws BadZipException {
    DirectoryCursor cursor = new DirectoryCursor(ByteBuffer.wrap(bytes, record, length - record));
    cursor.next();
    return cursor;
  }
}
