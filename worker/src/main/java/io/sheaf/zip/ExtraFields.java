package io.sheaf.zip;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The extra fields of a header (APPNOTE 4.5.1): header id, size, data, over and over. */
final class ExtraFields {
  private ExtraFields() {}

  /**
   * Whether the fields fill their place exactly; common readers refuse a file where they do not.
   */
  static boolean wellFormed(ByteBuffer b, int at, int length) {
    int end = at + length;
    int p = at;
    while (p + 4 <= end) {
      p += 4 + ZipFormat.u16(b, p + 2);
    }
    return p == end;
  }

  /** Where the data of the first field with an id begins; -1 without one. */
  static int find(ByteBuffer b, int at, int length, int id) {
    int end = at + length;
    for (int p = at; p + 4 <= end; p += 4 + ZipFormat.u16(b, p + 2)) {
      if (ZipFormat.u16(b, p) == id && p + 4 + ZipFormat.u16(b, p + 2) <= end) {
        return p + 4;
      }
    }
    return -1;
  }

  /** How many fields have an id. */
  static int count(ByteBuffer b, int at, int length, int id) {
    int end = at + length;
    int found = 0;
    for (int p = at; p + 4 <= end; p += 4 + ZipFormat.u16(b, p + 2)) {
      found += ZipFormat.u16(b, p) == id ? 1 : 0;
    }
    return found;
  }

  /** Copies the fields, as far as they are well formed, but none with one of two ids. */
  static void copy(
      ByteBuffer b, int at, int length, ByteBuffer target, int without, int andWithout) {
    int end = at + length;
    for (int p = at; p + 4 <= end && p + 4 + ZipFormat.u16(b, p + 2) <= end; ) {
      int id = ZipFormat.u16(b, p);
      int n = 4 + ZipFormat.u16(b, p + 2);
      if (id != without && id != andWithout) {
        target.put(b.slice(p, n));
      }
      p += n;
    }
  }

  /** The extended timestamp's modification time in seconds, else the DOS time. */
  static long modified(ByteBuffer b, int at, int length, int dosTime) {
    int data = find(b, at, length, ZipFormat.EXTRA_TIMESTAMP);
    boolean given = data >= 0 && ZipFormat.u16(b, data - 2) >= 5 && (b.get(data) & 1) != 0;
    return given ? b.getInt(data + 1) : DosTime.toEpochSecond(dosTime);
  }

  /** What stands beside the number of a part, see {@link ZipFormat#EXTRA_PART}. */
  static int partSum(long part, ByteBuffer name) {
    CRC32C sum = new CRC32C();
    ByteBuffer number = ZipFormat.littleEndian(ByteBuffer.allocate(Long.BYTES));
    sum.update(number.putLong(part).flip());
    sum.update(name);
    return (int) sum.getValue();
  }
}
