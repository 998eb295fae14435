package io.sheaf.archive;

import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.NameIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The records of a batch, added to a directory as a whole or not at all. */
final class Trial {
  private final MergedDirectory directory;
  private final EntryGate gate;
  private final MergedDirectory.Mark mark;
  private int[] slots = new int[64];
  private int added;

  Trial(MergedDirectory directory, EntryGate gate) {
    this.directory = directory;
    this.gate = gate;
    this.mark = directory.mark();
  }

  /**
   * Adds records for entries that will lie behind an offset as they do in their batch.
   *
   * @return false when the gate refuses one, a name is there already, or there are not as many as
   *     expected; then {@link #undo} has to follow
   */
  boolean addAll(ByteBuffer records, long expected, long offset) throws IOException {
    directory.names().reserve(expected);
    DirectoryCursor entry = new DirectoryCursor(records);
    while (entry.next()) {
      if (added == expected || !add(entry, offset + entry.offset())) {
        return false;
      }
    }
    return added == expected;
  }

  /** Adds the record of one entry, which will lie at an offset; false as with {@link #addAll}. */
  boolean add(DirectoryCursor entry, long offset) throws IOException {
    return gate.refuses(entry) == null && add(entry, hash(entry), offset);
  }

  static int hash(DirectoryCursor entry) {
    return NameIndex.hash(entry.nameArray(), entry.nameFrom(), entry.nameTo());
  }

  /** As the other, for an entry that the gate does not refuse, with the hash of its name. */
  boolean add(DirectoryCursor entry, int hash, long offset) throws IOException {
    int slot = directory.index(hash, entry.nameArray(), entry.nameFrom(), entry.nameTo());
    if (slot < 0) {
      return false;
    }
    directory.addMoved(entry, offset);
    remember(slot);
    return true;
  }

  private void remember(int slot) {
    if (added == slots.length) {
      slots = Arrays.copyOf(slots, 2 * added);
    }
    slots[added++] = slot;
  }

  /** Takes all of it back. */
  void undo() {
    while (added > 0) {
      directory.names().forget(slots[--added]);
    }
    directory.cutBack(mark);
  }
}
