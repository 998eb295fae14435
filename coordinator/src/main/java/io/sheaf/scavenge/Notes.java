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
    SortedMap<String, FailedBatch> notes = new TreeMap<>();
    for (Quarantine.Item item : new Quarantine(in.disk(), in.base()).items()) {
      long at = noted(in.disk(), item);
      if (at >= created) {
        notes.put(in.base().relative(item.path()), of(in.base(), item, "", at));
      }
    }
    in.tree().failed(in.session()).forEach(note -> notes.put(note.path(), note));
    return List.copyOf(notes.values());
  }

  private static long noted(Disk disk, Quarantine.Item item) throws IOException {
    Path reason = item.path().resolveSibling(item.path().getFileName() + Quarantine.REASON);
    return disk.stat(reason).map(FileState::modified).orElse(0L);
  }
}
