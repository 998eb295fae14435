package io.sheaf.disk;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A file or a directory of a simulated disk, immutable. */
sealed interface Inode {
  /**
   * A file.
   *
   * @param now what processes see
   * @param durable what is on the disk whatever happens
   * @param unsynced what leads from the one to the other, in order; any part of it may be on the
   *     disk too
   */
  record File(Sectors now, Sectors durable, List<FileChange> unsynced, long modified)
      implements Inode {
    static final File EMPTY = new File(Sectors.NONE, Sectors.NONE, List.of(), 0);

    File write(int operation, ByteBuffer source, long position) {
      long length = source.remaining();
      Sectors after = now.write(source, position);
      return changed(FileChange.write(operation, position, length, after), after);
    }

    File cut(int operation, long size) {
      Sectors after = now.resize(size);
      return changed(FileChange.cut(operation, after), after);
    }

    private File changed(FileChange change, Sectors after) {
      List<FileChange> changes = new ArrayList<>(unsynced);
      changes.add(change);
      return new File(after, durable, changes, change.operation());
    }

    File synced() {
      return new File(now, onDisk(Crash.ALL_KEPT), List.of(), modified);
    }

    /** After a sync that failed: the contents are still seen, and no later sync writes them. */
    File failed() {
      List<FileChange> sizes = unsynced.stream().map(FileChange::withoutData).toList();
      return new File(now, durable, sizes, modified);
    }

    /** As when memory was short after {@link #failed}: what was not written is not seen either. */
    File evicted() {
      Sectors left = onDisk(Crash.ALL_KEPT);
      return new File(left, left, List.of(), modified);
    }

    File after(Crash crash) {
      Sectors left = onDisk(crash);
      return new File(left, left, List.of(), modified);
    }

    /**
     * Sizes are kept in the order in which they were changed, up to some change; sectors each for
     * itself. Where a size is kept and its data is not, there are zeros.
     */
    private Sectors onDisk(Crash crash) {
      if (unsynced.isEmpty()) {
        return durable;
      }
      int sizes = crash.sizesKept(unsynced);
      long size = durable.size();
      byte[] @Nullable [] sectors = durable.copy(0);
      for (int i = 0; i < unsynced.size(); i++) {
        FileChange change = unsynced.get(i);
        if (change.cuts()) {
          if (i < sizes) {
            size = change.end();
            sectors = Sectors.of(sectors, size).copy(0);
          }
          continue;
        }
        sectors = keepSectors(sectors, change, crash);
        size = i < sizes ? Math.max(size, change.end()) : size;
      }
      return Sectors.of(sectors, size);
    }

    private static byte[] @Nullable [] keepSectors(
        byte[] @Nullable [] before, FileChange change, Crash crash) {
      byte[] @Nullable [] sectors = before;
      for (int s = change.first(); s <= change.last(); s++) {
        if (crash.keeps(change, s)) {
          if (s >= sectors.length) {
            sectors = Arrays.copyOf(sectors, change.last() + 1);
          }
          sectors[s] = change.after().sector(s);
        }
      }
      return sectors;
    }
  }

  /**
   * A directory: inode numbers by name.
   *
   * @param now what processes see
   * @param durable what is on the disk whatever happens; the changes between are the disk's, since
   *     one may be of two directories
   */
  record Directory(SortedMap<String, Integer> now, SortedMap<String, Integer> durable)
      implements Inode {
    static final Directory EMPTY = new Directory(new TreeMap<>(), new TreeMap<>());

    Directory with(String name, int inode) {
      return new Directory(set(now, name, inode), durable);
    }

    Directory withDurable(String name, int inode) {
      return new Directory(now, set(durable, name, inode));
    }

    Directory afterCrash() {
      return new Directory(durable, durable);
    }

    private static SortedMap<String, Integer> set(
        SortedMap<String, Integer> names, String name, int inode) {
      SortedMap<String, Integer> changed = new TreeMap<>(names);
      if (inode == NameChange.ABSENT) {
        changed.remove(name);
      } else {
        changed.put(name, inode);
      }
      return changed;
    }
  }
}
