package io.sheaf.scavenge;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.ForwardingDisk;
import io.sheaf.tree.ArchiveKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/**
 * A disk that keeps closed batches of the inbox for a while when they are deleted, in {@code
 * kept/<second>/}. Where POSIX locks do not work, a coordinator that was paused between its last
 * look at the claim and its rename could put an old archive over a newer one: what the newer one
 * had is then still here.
 */
final class KeptBatches extends ForwardingDisk {
  /** Longer than anybody believes that a process is paused and comes back. */
  static final Duration FOR = Duration.ofHours(1);

  /** Those of so many seconds share a directory. */
  private static final long TOGETHER = 600;

  private final Disk disk;
  private final BaseDirectory base;
  private final Clock clock;

  KeptBatches(Disk disk, BaseDirectory base, Clock clock) {
    super(disk);
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
    String of = ArchiveKey.of(base.inbox().relativize(directory).toString()).hex();
    disk.createDirectories(kept);
    disk.rename(file, kept.resolve(of.substring(0, 12) + "-" + file.getFileName()));
    return true;
  }
}
