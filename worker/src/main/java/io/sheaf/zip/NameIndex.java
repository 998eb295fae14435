package io.sheaf.zip;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Finds the record of a name in a central directory, wherever that lies. It keeps eight bytes a
 * slot and no object a name: a table of open addressing, in which a slot holds {@value #HASH_BITS}
 * bits of the name's hash and the place of its record, plus one. Whether a name is really that of a
 * record is asked of {@link Names}, which is seldom necessary for names that are not there.
 */
public final class NameIndex {
  /** No record has the name. */
  public static final long NONE = -1;

  private static final int HASH_BITS = 28;
  private static final int PLACE_BITS = Long.SIZE - HASH_BITS;
  private static final long PLACE_MASK = (1L << PLACE_BITS) - 1;
  private static final int SMALLEST = 64;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private long[] slots;
  private int used;

  /** Has room for so many names before it grows. */
  public NameIndex(long expected) {
    this.slots = new long[tableFor(expected)];
  }

  /** The names of records, by their places. */
  public interface Names {
    /** Whether the record that begins at a place has this name. */
    boolean isAt(long record, byte[] name, int from, int to) throws IOException;
  }

  /** At most five eighths of the slots are used. */
  private static int tableFor(long names) {
    long slots = SMALLEST;
    while (5 * slots < 8 * names) {
      slots <<= 1;
    }
    if (slots > 1 << HASH_BITS) {
      throw new IllegalStateException(names + " names are too many for one index");
    }
    return (int) slots;
  }

  /** How many different names there are. */
  public int size() {
    return used;
  }

  /** Bytes that it takes. */
  public long memory() {
    return 8L * slots.length;
  }

  /**
   * Makes room, so that the next so many calls of {@link #add} do not move what is there: that is
   * what {@link #forget} needs.
   */
  public void reserve(long more) {
    if (8 * (used + more) <= 5L * slots.length) {
      return;
    }
    int wanted = tableFor(used + more);
    if (wanted > slots.length) {
      grow(wanted);
    }
  }

  private void grow(int length) {
    long[] old = slots;
    slots = new long[length];
    for (long slot : old) {
      if (slot != 0) {
        int at = (int) (slot >>> PLACE_BITS) & length - 1;
        while (slots[at] != 0) {
          at = at + 1 & length - 1;
        }
        slots[at] = slot;
      }
    }
  }

  /** Where the record of a name begins; {@link #NONE} without one. */
  public long find(Names names, byte[] name, int from, int to) throws IOException {
    return find(names, hash(name, from, to), name, from, to);
  }

  /** As {@link #find(Names, byte[], int, int)}, with what {@link #hash} says of the name. */
  public long find(Names names, int hash, byte[] name, int from, int to) throws IOException {
    long slot = slots[slotOf(names, hash, name, from, to)];
    return (slot & PLACE_MASK) - 1;
  }

  /**
   * Takes in a name whose record begins at a place, unless it is there: of equal names the first
   * stays.
   *
   * @return the slot that it got, for {@link #forget}; -1 when the name was there
   */
  public int add(Names names, byte[] name, int from, int to, long record) throws IOException {
    return add(names, hash(name, from, to), name, from, to, record);
  }

  /** As the other, with what {@link #hash} says of the name. */
  public int add(Names names, int hash, byte[] name, int from, int to, long record)
      throws IOException {
    reserve(1);
    int slot = slotOf(names, hash, name, from, to);
    if (slots[slot] != 0) {
      return -1;
    }
    slots[slot] = packed(hash, record);
    used++;
    return slot;
  }

  /** Lets a name that is there mean another record. */
  public void move(Names names, byte[] name, int from, int to, long record) throws IOException {
    int hash = hash(name, from, to);
    slots[slotOf(names, hash, name, from, to)] = packed(hash, record);
  }

  /**
   * Takes back the name that was added last: names must be forgotten in the reverse order of their
   * adding, with no growth in between, for then no other name lies behind the slot.
   */
  public void forget(int slot) {
    slots[slot] = 0;
    used--;
  }

  private static long packed(int hash, long record) {
    if (record >= PLACE_MASK) {
      throw new IllegalStateException("a central directory of " + record + " bytes");
    }
    return (long) hash << PLACE_BITS | record + 1;
  }

  /** The slot that holds a name, or the free one where it belongs. */
  private int slotOf(Names names, int hash, byte[] name, int from, int to) throws IOException {
    int mask = slots.length - 1;
    int at = hash & mask;
    for (long slot = slots[at]; slot != 0; slot = slots[at]) {
      if (slot >>> PLACE_BITS == hash && names.isAt((slot & PLACE_MASK) - 1, name, from, to)) {
        return at;
      }
      at = at + 1 & mask;
    }
    return at;
  }

  /**
   * By what a name is looked for, to ask for it more than once. Eight bytes at a time, mixed as in
   * MurmurHash3's finalizer; the upper bits are the best.
   */
  public static int hash(byte[] name, int from, int to) {
    long h = (long) to - from;
    int i = from;
    for (; i + Long.BYTES <= to; i += Long.BYTES) {
      h = mix(h ^ (long) LONGS.get(name, i));
    }
    long rest = 0;
    for (; i < to; i++) {
      rest = (rest << 8) | (name[i] & 0xFF);
    }
    return (int) (mix(mix(h ^ rest)) >>> PLACE_BITS);
  }

  private static long mix(long value) {
    long h = value * 0xff51afd7ed558ccdL;
    h ^= h >>> 33;
    h *= 0xc4ceb9fe1a85ec53L;
    return h ^ h >>> 29;
  }
}
