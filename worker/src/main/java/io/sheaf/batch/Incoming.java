package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.InDirectory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * Files on their way into the inbox from another program or host: each is written in a place of its
 * own, under a POSIX lock, and gets its name in the inbox when it is whole and durable. What a
 * process left that died is taken away by whoever comes next.
 */
public final class Incoming {
  private static final String TEMPORARY = ".tmp";

  private final Disk disk;
  private final BaseDirectory base;

  public Incoming(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
  }

  /**
   * Begins a file, which is empty. Its name here is nobody else's: where locks are worth too little
   * two processes must not write one file.
   */
  public Slot open(String name) throws IOException {
    Path path = base.incoming().resolve(name + "." + UUID.randomUUID() + TEMPORARY);
    DiskLock lock =
        InDirectory.tryLock(disk, path)
            .orElseThrow(() -> new IOException("another process is at work on " + path));
    try {
      return new Slot(path, lock, disk.openForWrite(path));
    } catch (IOException e) {
      try (lock) {
        throw e;
      }
    }
  }

  /** One that is under way; closing it takes away what has no name in the inbox yet. */
  public final class Slot implements Closeable {
    private final Path path;
    private final DiskLock lock;
    private final DiskFile file;

    private Slot(Path path, DiskLock lock, DiskFile file) {
      this.path = path;
      this.lock = lock;
      this.file = file;
    }

    /** Where it is until it has its name. */
    public Path path() {
      return path;
    }

    /** Open for reading and writing. */
    public DiskFile file() {
      return file;
    }

    /**
     * Gives the file a name in the inbox; it is durable under it when this returns.
     *
     * @throws java.nio.file.FileAlreadyExistsException when the name is taken; that file is left as
     *     it is
     */
    public void publish(Path target) throws IOException {
      lock.ensureValid();
      file.sync();
      Path directory = InDirectory.of(target);
      InDirectory.change(disk, directory, () -> disk.link(path, target));
      try {
        disk.syncDirectory(directory);
      } catch (NoSuchFileException e) {
        // Merged, and the directory tidied away, in the meantime.
      }
    }

    @Override
    public void close() throws IOException {
      try (lock;
          file) {
        disk.delete(path);
        disk.deleteEmptyDirectory(base.incoming());
      }
    }
  }

  /** Takes away what processes left that died. */
  public void clean() throws IOException {
    for (String name : disk.list(base.incoming())) {
      Path path = base.incoming().resolve(name);
      Optional<DiskLock> lock = disk.tryLockExisting(path);
      if (lock.isPresent()) {
        try (DiskLock held = lock.get()) {
          held.ensureValid();
          disk.delete(path);
        }
      }
    }
    disk.deleteEmptyDirectory(base.incoming());
  }
}
