package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.FileState;
import io.sheaf.disk.InDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Counts the files and directories that a session has in a base directory. */
public final class Inodes {
  private final Disk disk;
  private final BaseDirectory base;
  private final Set<Path> passing;
  private final Set<Path> counted = new HashSet<>();

  private Inodes(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
    this.passing = Set.of(base.locks(), base.openSessions());
  }

  /**
   * The archives that got something from a session and their volumes; the directories on the way to
   * them; and all that is in {@code .sheaf}, whoever it is for, but the lock files, which go with
   * the last member, and what is kept of sessions until they are closed. The base directory itself
   * is not counted.
   *
   * @param session as in {@link SessionTotals#key}
   * @param more files that will be there too, in {@code .sheaf}
   */
  public static long used(Disk disk, BaseDirectory base, String session, Set<Path> more)
      throws IOException {
    Inodes inodes = new Inodes(disk, base);
    LedgerStore ledgers = new LedgerStore(disk, base);
    for (String archive : ledgers.archives()) {
      Ledger ledger = ledgers.load(archive);
      if (ledger.sessions().containsKey(session)) {
        inodes.addWithVolumes(ledger);
      }
    }
    inodes.addAll(base.sheaf());
    more.forEach(inodes::add);
    return inodes.counted.size();
  }

  private void addWithVolumes(Ledger ledger) throws IOException {
    addIfThere(ledger.archive());
    for (long n = 0; n < ledger.volumes(); n++) {
      addIfThere(Roll.volumeName(ledger.archive(), n));
    }
  }

  private void addIfThere(String archive) throws IOException {
    if (disk.stat(base.archive(archive)).isPresent()) {
      add(base.archive(archive));
    }
  }

  private void addAll(Path path) throws IOException {
    add(path);
    if (disk.stat(path).filter(FileState::isDirectory).isPresent()) {
      for (String name : disk.list(path)) {
        if (!passing.contains(path.resolve(name))) {
          addAll(path.resolve(name));
        }
      }
    }
  }

  /** It, and the directories on the way to it. */
  private void add(Path path) {
    Path each = path;
    while (!each.equals(base.root()) && counted.add(each)) {
      each = InDirectory.of(each);
    }
  }
}
