package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.Incoming;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.FileState;
import io.sheaf.disk.InDirectory;
import io.sheaf.worker.BrokenLocks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves next to nothing of Sheaf's own in a base directory: what crashes left of merges is
 * finished, the ledgers of archives at rest are folded into one file, and lock files that nobody
 * holds, files of members that are gone and empty directories are removed.
 *
 * <p>It needs no ZooKeeper and takes no archive that another process has, so it is safe beside
 * those who are at work; they make again what they need. Where POSIX locks are known to be worth
 * too little only empty directories go: two folds at once could lose a ledger, and to save inodes
 * is no reason to dare that. Doing it again changes nothing.
 */
public final class Tidying {
  private static final Logger log = LoggerFactory.getLogger(Tidying.class);
  private static final String TEMPORARY = ".tmp";

  private final Disk disk;
  private final BaseDirectory base;
  private final Set<String> self;
  private long removed;

  /**
   * What was put away.
   *
   * @param folded ledgers that have no file of their own any more
   * @param removed files and directories that are gone
   */
  public record Tidied(long folded, long removed) {
    public static final Tidied NOTHING = new Tidied(0, 0);
  }

  /**
   * @param self ids of the members that the caller itself is
   */
  public Tidying(Disk disk, BaseDirectory base, Set<String> self) {
    this.disk = disk;
    this.base = base;
    this.self = self;
  }

  /** Whether another process that is a member holds its lock, as far as locks tell. */
  public boolean isSomebodyAlive() throws IOException {
    for (String id : disk.list(base.members())) {
      if (!self.contains(id) && !isGone(base.member(id))) {
        return true;
      }
    }
    return false;
  }

  private boolean isGone(Path member) throws IOException {
    Optional<DiskLock> lock = disk.tryLockExisting(member);
    if (lock.isPresent()) {
      lock.get().close();
    }
    return lock.isPresent() || disk.stat(member).isEmpty();
  }

  /**
   * Does what can be done now. A file that is damaged stays as it is and is told in the log.
   *
   * @param guard what excludes others beside POSIX locks, asked before a fold is seen
   */
  public Tidied run(MergeGuard guard) throws IOException {
    long folded = 0;
    if (BrokenLocks.found(disk, base).isEmpty()) {
      new Leftovers(disk, base).archives().forEach(this::recover);
      folded = folded(guard);
      removeLocks(base.locks());
      new Incoming(disk, base).clean();
      if (!isSomebodyAlive()) {
        removeTemporaries(base.sheaf());
        removeTemporaries(base.summaries());
      }
    }
    return new Tidied(folded, removeEmpty().removed());
  }

  /** Removes empty directories only. */
  public Tidied removeEmpty() throws IOException {
    for (Path directory :
        List.of(
            base.inbox(),
            base.journals(),
            base.ledgers(),
            base.quarantines(),
            base.kept(),
            base.summaries(),
            base.openSessions(),
            base.locks())) {
      removeEmpty(directory);
    }
    return new Tidied(0, removed);
  }

  private long folded(MergeGuard guard) throws IOException {
    try {
      long folded = new LedgerFold(disk, base, guard).run();
      removed += folded;
      return folded;
    } catch (ArchiveDisagreesException e) {
      log.warn("the ledgers stay where they are: {}", e.getMessage());
      return 0;
    }
  }

  /** Finishes or undoes what a crash left, as the next merge would. */
  private void recover(String archive) {
    try {
      Optional<DiskLock> lock = InDirectory.tryLock(disk, base.lock(archive));
      if (lock.isPresent()) {
        try (DiskLock held = lock.get()) {
          new Recovery(disk, base).recover(archive, held::ensureValid);
        }
      }
    } catch (IOException e) {
      log.warn("{}: what a crash left stays as it is: {}", archive, e.getMessage());
    }
  }

  /** Those of archives and of members; whoever has a lock may remove its file. */
  private void removeLocks(Path directory) throws IOException {
    for (String name : disk.list(directory)) {
      Path path = directory.resolve(name);
      if (isDirectory(path)) {
        removeLocks(path);
        continue;
      }
      Optional<DiskLock> lock = disk.tryLockExisting(path);
      if (lock.isPresent()) {
        try (DiskLock held = lock.get()) {
          held.ensureValid();
          remove(path);
        }
      }
    }
  }

  /** Of files that are published under a name that others may publish too. */
  private void removeTemporaries(Path directory) throws IOException {
    for (String name : disk.list(directory)) {
      if (name.endsWith(TEMPORARY) && !isDirectory(directory.resolve(name))) {
        remove(directory.resolve(name));
      }
    }
  }

  /** One in quarantine, with a reason beside it, is no directory of ours. */
  private void removeEmpty(Path directory) throws IOException {
    List<String> names = disk.list(directory);
    for (String name : names) {
      Path path = directory.resolve(name);
      if (isDirectory(path) && !names.contains(name + Quarantine.REASON)) {
        removeEmpty(path);
      }
    }
    removed += disk.deleteEmptyDirectory(directory) ? 1 : 0;
  }

  private void remove(Path file) throws IOException {
    removed += disk.delete(file) ? 1 : 0;
  }

  private boolean isDirectory(Path path) throws IOException {
    return disk.stat(path).filter(FileState::isDirectory).isPresent();
  }
}
