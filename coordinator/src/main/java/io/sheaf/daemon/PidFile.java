package io.sheaf.daemon;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.Publication;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file with the id of this process, from its making until it is closed. */
final class PidFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PidFile.class);

  /** The kernel tells the start of a process less exactly than the time of a file. */
  private static final long SLACK_MILLIS = 2_000;

  private static final int ATTEMPTS = 100;

  private final Disk disk;
  private final Path path;
  private final byte[] contents;

  private PidFile(Disk disk, Path path) {
    this.disk = disk;
    this.path = path;
    this.contents = (Names.pid() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Writes it, whole or not at all. One of a process that is gone is replaced.
   *
   * @throws IOException when a living process has it; the message says which
   */
  static PidFile create(Disk disk, Path path) throws IOException {
    PidFile file = new PidFile(disk, path);
    Path directory = path.getParent();
    if (directory != null) {
      disk.createDirectories(directory);
    }
    for (int i = 0; i < ATTEMPTS; i++) {
      if (file.make() || file.replace()) {
        return file;
      }
    }
    throw new IOException(path + ": others go on replacing this file: give another --pidfile");
  }

  private boolean make() throws IOException {
    try {
      Publication.ifAbsent(disk, path, contents);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  /**
   * Replaces a stale one, under a lock on it: of two that find it stale, the second then finds the
   * first one's and not the name that it read. False when it has to be looked at again.
   */
  private boolean replace() throws IOException {
    Optional<DiskLock> lock = disk.tryLockExisting(path);
    if (lock.isEmpty()) {
      Thread.onSpinWait(); // Gone, or just being replaced.
      return false;
    }
    try {
      requireStale();
      Publication.replace(disk, path, contents);
      return true;
    } finally {
      lock.get().close();
    }
  }

  private void requireStale() throws IOException {
    String text = new String(disk.readAll(path), StandardCharsets.UTF_8).strip();
    if (!text.matches("\\d{1,18}")) {
      throw new IOException(
          path + " is no pid file: remove it, or give another one with --pidfile");
    }
    long pid = Long.parseLong(text);
    long written = disk.stat(path).orElseThrow().modified();
    if (pid != Names.pid() && isAlive(pid, written)) {
      throw new IOException(
          path + ": process " + pid + " runs: stop it, or give another file with --pidfile");
    }
  }

  /** Ids are used again: one that was started after the file was written is another process. */
  private static boolean isAlive(long pid, long written) {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .map(process -> process.info().startInstant().orElse(Instant.EPOCH).toEpochMilli())
        .filter(started -> started <= written + SLACK_MILLIS)
        .isPresent();
  }

  /** Removes it, if it is still this process's. */
  @Override
  public void close() {
    try {
      if (disk.readIfPresent(path).filter(now -> Arrays.equals(now, contents)).isPresent()) {
        disk.delete(path);
      }
    } catch (IOException e) {
      LOG.warn("the pid file stays behind: {}", e.getMessage());
    }
  }
}
