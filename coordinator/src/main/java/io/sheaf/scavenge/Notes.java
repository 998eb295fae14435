package io.sheaf.scavenge;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.disk.FileState;
import io.sheaf.tree.FailedBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Notes about what is in quarantine. */
final class Notes {
  private Notes() {}

  static FailedBatch of(Coordination in, Quarantine.Item item) {
    return of(in.base(), item, in.id(), in.clock().millis());
  }

  private static FailedBatch of(BaseDirectory base, Quarantine.Item item, String by, long at) {
    String name = String.valueOf(item.path().getFileName());
    return new FailedBatch(
        FailedBatch.VERSION,
        item.archive(),
        name,
        item.reason(),
        base.relative(item.path()),
        by,
        at);
  }

  /** What was put into quarantine under a name that begins like this, as of a salvaged batch. */
  static List<FailedBatch> beginning(Coordination in, String archive, String prefix)
      throws IOException {
    List<FailedBatch> notes = new ArrayList<>();
    for (Quarantine.Item item : new Quarantine(in.disk(), in.base()).items()) {
      boolean same = item.archive().equals(archive);
      if (same && String.valueOf(item.path().getFileName()).startsWith(prefix)) {
        notes.add(of(in, item));
      }
    }
    return notes;
  }

  /**
   * The notes in ZooKeeper, and those files in quarantine that are newer than the session: a
   * coordinator may have died between putting one there and telling of it.
   */
  static List<FailedBatch> ofSession(Coordination in, long created) throws IOException {
    return together(inQuarantine(in.disk(), in.base(), created), in.tree().failed(in.session()));
  }

  /** Those of the files, over which the notes of ZooKeeper go. */
  static List<FailedBatch> together(List<FailedBatch> files, List<FailedBatch> told) {
    SortedMap<String, FailedBatch> notes = new TreeMap<>();
    files.forEach(note -> notes.put(note.path(), note));
    told.forEach(note -> notes.put(note.path(), note));
    return List.copyOf(notes.values());
  }

  /** The files in quarantine that are newer than a session. */
  static List<FailedBatch> inQuarantine(Disk disk, BaseDirectory base, long created)
      throws IOException {
    List<FailedBatch> notes = new ArrayList<>();
    for (Quarantine.Item item : new Quarantine(disk, base).items()) {
      long at = noted(disk, item);
      if (at >= created) {
        notes.add(of(base, item, "", at));
      }
    }
    return notes;
  }

  private static long noted(Disk disk, Quarantine.Item item) throws IOException {
    Path reason = item.path().resolveSibling(item.path().getFileName() + Quarantine.REASON);
    return disk.stat(reason).map(FileState::modified).orElse(0L);
  }
}
