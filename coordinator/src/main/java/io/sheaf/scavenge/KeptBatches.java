package io.sheaf.scavenge;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.FileState;
import io.sheaf.tree.ArchiveKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A disk that keeps closed batches of the inbox for a while when they are deleted, in {@code
 * kept/<second>/}. Where POSIX locks do not work, a coordinator that was paused between its last
 * look at the claim and its rename could put an old archive over a newer one: what the newer one
 * had is then still here.
 */
final class KeptBatches implements Disk {
  /** Longer than anybody believes that a process is paused and comes back. */
  static final Duration FOR = Duration.ofHours(1);

  /** Those of so many seconds share a directory. */
  private static final long TOGETHER = 600;

  private final Disk disk;
  private final BaseDirectory base;
  private final Clock clock;

  KeptBatches(Disk disk, BaseDirectory base, Clock clock) {
    this.disk = disk;
    this.base = base;
    this.clock = clock;
  }

  /** Removes what was kept for long enough. */
  static void clean(Disk disk, BaseDirectory base, Clock clock) throws IOException {
    long before = clock.instant().minus(FOR).getEpochSecond() - TOGETHER;
    for (String name : disk.list(base.kept())) {
      if (name.matches("[0-9]{1,18}") && Long.parseLong(name) < before) {
        Path directory = base.kept().resolve(name);
        for (String file : disk.list(directory)) {
          disk.delete(directory.resolve(file));
        }
        disk.deleteEmptyDirectory(directory);
      }
    }
  }

  @Override
  public boolean delete(Path file) throws IOException {
    Path directory = file.getParent();
    boolean batch = String.valueOf(file.getFileName()).endsWith(".zip");
    if (!batch || directory == null || !file.startsWith(base.inbox())) {
      return disk.delete(file);
    }
    if (disk.stat(file).isEmpty()) {
      return false;
    }
    long second = clock.instant().getEpochSecond() / TOGETHER * TOGETHER;
    Path kept = base.kept().resolve(Long.toString(second));
    disk.createDirectories(kept);
    String of = ArchiveKey.of(base.inbox().relativize(directory).toString()).hex();
    disk.rename(file, kept.resolve(of.substring(0, 12) + "-" + file.getFileName()));
    return true;
  }

  @Override
  public DiskFile create(Path file) throws IOException {
    return disk.create(file);
  }

  @Override
  public DiskFile openForWrite(Path file) throws IOException {
    return disk.openForWrite(file);
  }

  @Override
  public DiskFile openForRead(Path file) throws IOException {
    return disk.openForRead(file);
  }

  @Override
  public Optional<FileState> stat(Path path) throws IOException {
    return disk.stat(path);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    disk.createDirectories(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void link(Path existing, Path name) throws IOException {
    disk.link(existing, name);
  }

  @Override
  public boolean deleteEmptyDirectory(Path directory) throws IOException {
    return disk.deleteEmptyDirectory(directory);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    disk.syncDirectory(directory);
  }

  @Override
  public boolean sharesBlocks(Path directory) throws IOException {
    return disk.sharesBlocks(directory);
  }

  @Override
  public Optional<DiskLock> tryLock(Path file) throws IOException {
    return disk.tryLock(file);
  }

  @Override
  public Optional<DiskLock> tryLockExisting(Path file) throws IOException {
    return disk.tryLockExisting(file);
  }
}
