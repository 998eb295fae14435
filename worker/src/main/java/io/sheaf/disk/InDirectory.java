package io.sheaf.disk;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Makes things in directories that others remove as soon as they are empty: who finds none makes
 * it, and tries again when it is gone once more before anything is in it.
 */
public final class InDirectory {
  /** Each needs somebody who removes the directory in the very moment. */
  private static final int TRIES = 50;

  private InDirectory() {}

  /** What is made; after a {@link NoSuchFileException} it must be possible to do it again. */
  public interface Making<T> {
    T make() throws IOException;
  }

  /** As {@link Making}, without a result. */
  public interface Change {
    void make() throws IOException;
  }

  /** Makes it, and the directory that it is to be in if that is not there. */
  public static <T> T make(Disk disk, Path directory, Making<T> making) throws IOException {
    for (int left = TRIES; ; left--) {
      try {
        return making.make();
      } catch (NoSuchFileException e) {
        createOrFail(disk, directory, left, e);
      }
    }
  }

  public static void change(Disk disk, Path directory, Change change) throws IOException {
    make(
        disk,
        directory,
        () -> {
          change.make();
          return directory;
        });
  }

  private static void createOrFail(Disk disk, Path directory, int left, NoSuchFileException reason)
      throws IOException {
    try {
      disk.createDirectories(directory);
    } catch (NoSuchFileException e) {
      // One above it was removed meanwhile.
    }
    if (left == 0) {
      throw reason;
    }
  }

  /** As {@link Disk#tryLock}; the lock file's directory is made too. */
  public static Optional<DiskLock> tryLock(Disk disk, Path file) throws IOException {
    return make(disk, of(file), () -> disk.tryLock(file));
  }

  /** The directory that a file is in. */
  public static Path of(Path file) {
    return file.resolveSibling(".").normalize();
  }

  /**
   * Removes a directory and those above it, as far as they are empty, up to one that is not
   * touched.
   */
  public static void removeEmpty(Disk disk, Path directory, Path upTo) throws IOException {
    Path each = directory;
    while (each.startsWith(upTo) && !each.equals(upTo) && disk.deleteEmptyDirectory(each)) {
      each = of(each);
    }
  }
}
