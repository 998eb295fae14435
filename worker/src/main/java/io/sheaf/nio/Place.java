package io.sheaf.nio;

import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import java.nio.file.FileSystemException;

/**
 * Where a path leads: the target of a deposit, or a directory that is always there, as an archive
 * is and what lies above it.
 *
 * @param path absolute, without {@code .} and {@code ..}
 * @param target {@code ar.zip/dir/file}, without a slash at its end; empty for the root
 * @param isEntry whether there is a name behind that of the archive
 */
record Place(SheafPath path, String target, boolean isEntry) {
  static Place of(SheafPath path) {
    SheafPath absolute = (SheafPath) path.toAbsolutePath().normalize();
    String target = absolute.toString().substring(1);
    int end = target.startsWith(".zip/") ? 0 : target.indexOf(".zip/");
    return new Place(absolute, target, end >= 0);
  }

  boolean isArchive() {
    return !isEntry && target.endsWith(".zip");
  }

  /** The name as that of a directory's entry. */
  String slashed() {
    return target + "/";
  }

  /**
   * Refuses what cannot be an entry.
   *
   * @param name the target, with or without a slash at its end
   */
  void check(String name) throws FileSystemException {
    if (!isEntry) {
      throw SheafFileSystemProvider.isDirectory(path);
    }
    try {
      Target unused = Target.parse(name);
    } catch (BadTargetException e) {
      throw new FileSystemException(path.toString(), null, e.getMessage());
    }
  }
}
