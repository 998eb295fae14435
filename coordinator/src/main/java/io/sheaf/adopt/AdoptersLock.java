package io.sheaf.adopt;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.InDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One at a time asks what was adopted and puts more into the inbox: between the two nobody may
 * forget what was. It is held for that only, not while anything is merged.
 */
final class AdoptersLock {
  private static final long LOOK_MILLIS = 20;

  private AdoptersLock() {}

  private static Path file(BaseDirectory base) {
    return base.lock(".adopt");
  }

  /** Removes its file; the caller has the lock, and is about to let go. */
  static void remove(Disk disk, BaseDirectory base) throws IOException {
    disk.delete(file(base));
    InDirectory.removeEmpty(disk, base.locks(), base.sheaf());
  }

  static Optional<DiskLock> tryLock(Disk disk, BaseDirectory base) throws IOException {
    return InDirectory.tryLock(disk, file(base));
  }

  /**
   * Waits for it.
   *
   * @throws IOException too when it is not free in time
   */
  static DiskLock lock(Disk disk, BaseDirectory base, Duration patience) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      Optional<DiskLock> lock = tryLock(disk, base);
      if (lock.isPresent()) {
        return lock.get();
      }
      if (System.nanoTime() - end >= 0) {
        throw new IOException(
            "another process adopts in " + base.root() + " for long: try again later");
      }
      pause();
    }
  }

  private static void pause() throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while it waits for another who adopts", e);
    }
  }
}
