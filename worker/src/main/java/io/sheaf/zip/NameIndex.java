package io.sheaf.zip;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Finds the record of a name in a directory that is being built. It keeps one int a name and no
 * object: a slot holds the place of a record, plus one, in a table of open addressing.
 */
public final class NameIndex {
  /** No record has the name. */
  public static final int NONE = -1;

  private final DirectoryBuilder directory;
  private int[] slots;
  private int used;
  private int indexed;

  /** Over the records that the directory has, and those that {@link #update} takes in. */
  public NameIndex(DirectoryBuilder directory) {
    this.directory = directory;
    this.slots = new int[tableFor(directory.entries())];
    update();
  }

  private static int tableFor(long entries) {
    long wanted = Math.max(64, 2 * entries);
    return Integer.highestOneBit((int) Math.min(1 << 29, wanted)) << 1;
  }

  /** Takes in the records that were added since. Of equal names the first is found. */
  public void update() {
    byte[] bytes = directory.array();
    ByteBuffer b = ZipFormat.littleEndian(ByteBuffer.wrap(bytes));
    while (indexed < directory.length()) {
      if (2 * (used + 1) > slots.length) {
        grow(bytes, b);
      }
      put(bytes, b, indexed);
      indexed += recordLength(b, indexed);
    }
  }

  private void put(byte[] bytes, ByteBuffer b, int record) {
    int name = record + ZipFormat.DIRECTORY_LENGTH;
    int slot = slotOf(bytes, b, bytes, name, name + ZipFormat.u16(b, record + 28));
    if (slots[slot] == 0) {
      slots[slot] = record + 1;
      used++;
    }
  }

  private void grow(byte[] bytes, ByteBuffer b) {
    int[] old = slots;
    slots = new int[old.length << 1];
    used = 0;
    for (int slot : old) {
      if (slot != 0) {
        put(bytes, b, slot - 1);
      }
    }
  }

  /** How many different names there are. */
  public int size() {
    return used;
  }

  /** Where the record of a name begins in the directory; {@link #NONE} without one. */
  public int find(ByteBuffer name) {
    byte[] wanted = new byte[name.remaining()];
    name.duplicate().get(wanted);
    byte[] bytes = directory.array();
    ByteBuffer b = ZipFormat.littleEndian(ByteBuffer.wrap(bytes));
    return slots[slotOf(bytes, b, wanted, 0, wanted.length)] - 1;
  }

  /** The slot that holds a name, or the free one where it belongs. */
  private int slotOf(byte[] bytes, ByteBuffer b, byte[] name, int from, int to) {
    int mask = slots.length - 1;
    int slot = hash(name, from, to) & mask;
    while (slots[slot] != 0) {
      int record = slots[slot] - 1;
      int start = record + ZipFormat.DIRECTORY_LENGTH;
      if (Arrays.equals(bytes, start, start + ZipFormat.u16(b, record + 28), name, from, to)) {
        return slot;
      }
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private static int hash(byte[] name, int from, int to) {
    int h = 0;
    for (int i = from; i < to; i++) {
      h = 31 * h + name[i];
    }
    // The finalizer of MurmurHash3: names that differ in their last digit must not be neighbours.
    h ^= h >>> 16;
    h *= 0x85ebca6b;
    h ^= h >>> 13;
    h *= 0xc2b2ae35;
    return h ^ h >>> 16;
  }

  private static int recordLength(ByteBuffer b, int record) {
    return ZipFormat.DIRECTORY_LENGTH
        + ZipFormat.u16(b, record + 28)
        + ZipFormat.u16(b, record + 30)
        + ZipFormat.u16(b, record + 32);
  }
}
