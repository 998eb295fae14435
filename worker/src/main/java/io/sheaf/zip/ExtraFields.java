package io.sheaf.zip;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

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

  /** Appends the field for the mode, see {@link ZipFormat#EXTRA_ASI}. */
  static void putMode(ByteBuffer b, Attributes attributes) {
    b.putShort((short) ZipFormat.EXTRA_ASI).putShort((short) ZipFormat.ASI_LENGTH);
    int sum = b.position();
    b.putInt(0).putShort((short) attributes.mode()).putInt(0);
    b.putShort(narrow(attributes.uid())).putShort(narrow(attributes.gid()));
    b.putInt(sum, asiSum(b, sum + 4, ZipFormat.ASI_LENGTH - 4));
  }

  private static short narrow(int owner) {
    return (short) (owner >= 0 && owner < ZipFormat.ASI_NOBODY ? owner : ZipFormat.ASI_NOBODY);
  }

  private static int asiSum(ByteBuffer b, int at, int length) {
    CRC32 sum = new CRC32();
    sum.update(b.slice(at, length));
    return (int) sum.getValue();
  }

  /** Appends the field for the owner, see {@link ZipFormat#EXTRA_OWNER}. */
  static void putOwner(ByteBuffer b, Attributes attributes) {
    b.putShort((short) ZipFormat.EXTRA_OWNER).putShort((short) ZipFormat.OWNER_LENGTH);
    b.put((byte) 1).put((byte) Integer.BYTES).putInt(attributes.uid());
    b.put((byte) Integer.BYTES).putInt(attributes.gid());
  }

  /** Appends the field for the id, see {@link ZipFormat#EXTRA_ID}. */
  static void putId(ByteBuffer b, DepositId id) {
    b.putShort((short) ZipFormat.EXTRA_ID).putShort((short) ZipFormat.ID_LENGTH);
    b.putLong(Long.reverseBytes(id.high())).putLong(Long.reverseBytes(id.low())).putInt(id.sum());
  }

  /** The mode that a local header gives; -1 when it gives none, or its sum does not hold. */
  static int mode(ByteBuffer b, int at, int length) {
    int data = find(b, at, length, ZipFormat.EXTRA_ASI);
    int bytes = data < 0 ? 0 : ZipFormat.u16(b, data - 2);
    boolean holds =
        bytes >= ZipFormat.ASI_LENGTH && b.getInt(data) == asiSum(b, data + 4, bytes - 4);
    return holds ? ZipFormat.u16(b, data + 4) : -1;
  }

  /** The attributes of that mode, with the owner if there is one whose numbers are no longer. */
  static Attributes withOwner(Attributes attributes, ByteBuffer b, int at, int length) {
    int data = find(b, at, length, ZipFormat.EXTRA_OWNER);
    boolean known =
        data >= 0
            && ZipFormat.u16(b, data - 2) == ZipFormat.OWNER_LENGTH
            && b.get(data) == 1
            && b.get(data + 1) == Integer.BYTES
            && b.get(data + 6) == Integer.BYTES;
    return known ? attributes.withOwner(b.getInt(data + 2), b.getInt(data + 7)) : attributes;
  }

  /** The id of the deposit; null without one, or when its sum does not hold. */
  static @Nullable DepositId id(ByteBuffer b, int at, int length) {
    int data = find(b, at, length, ZipFormat.EXTRA_ID);
    if (data < 0 || ZipFormat.u16(b, data - 2) != ZipFormat.ID_LENGTH) {
      return null;
    }
    DepositId id =
        new DepositId(
            Long.reverseBytes(b.getLong(data)), Long.reverseBytes(b.getLong(data + Long.BYTES)));
    return b.getInt(data + 2 * Long.BYTES) == id.sum() ? id : null;
  }
}
