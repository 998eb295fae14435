package io.sheaf.spool;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskLock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/**
 * A spool directory and its parts, all on one filesystem, as a maildir has them.
 *
 * <pre>
 * SPOOL/tmp/                  where programs write
 *       new/a.zip/dir/file    what they have renamed when it was complete: to be dir/file of a.zip
 *       cur/CATCH/names       what a worker has taken from new, by number
 *       cur/CATCH/0, 1 ...    those files
 *       failed/CATCH.0        what nobody can take, with CATCH.0.reason beside it
 *       .lock                 held by the worker that serves the directory
 * </pre>
 */
final class SpoolPlace implements Closeable {
  private final Disk disk;
  private final Path root;
  private final DiskLock lock;

  private SpoolPlace(Disk disk, Path root, DiskLock lock) {
    this.disk = disk;
    this.root = root;
    this.lock = lock;
  }

  /**
   * Makes what is missing, for this user alone, and takes the lock.
   *
   * @throws IOException when another worker serves it, or it is no place for that
   */
  static SpoolPlace open(Disk disk, Path directory) throws IOException {
    Path root = directory.toAbsolutePath().normalize();
    make(root);
    for (String part : List.of("tmp", "new", "cur", "failed")) {
      make(root.resolve(part));
    }
    Optional<DiskLock> lock = disk.tryLock(root.resolve(".lock"));
    return new SpoolPlace(
        disk,
        root,
        lock.orElseThrow(
            () ->
                new IOException(
                    root + " is served by another worker: give each its own directory as spool")));
  }

  private static void make(Path directory) throws IOException {
    if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      if (!Files.isDirectory(directory)) {
        throw new IOException(directory + " is no directory: give another one as spool");
      }
      return;
    }
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  Disk disk() {
    return disk;
  }

  Path root() {
    return root;
  }

  Path fresh() {
    return root.resolve("new");
  }

  Path taken() {
    return root.resolve("cur");
  }

  Path failed() {
    return root.resolve("failed");
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
