package io.sheaf.nio;

import io.sheaf.conf.Durability;
import io.sheaf.deposit.Confined;
import io.sheaf.deposit.PickupOptions;
import java.io.IOException;
import java.nio.file.CopyOption;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What {@link Files} cannot do with archives: it gives a file its time and mode after it was
 * closed, and deletes what it has moved though it does not know that the copy is safe.
 */
public final class SheafFiles {
  private SheafFiles() {}

  /**
   * Copies a file, a directory (not what is in it), or with {@code NOFOLLOW_LINKS} a symbolic link
   * into an archive, as one deposit with its mode, its time of modification and, where that is
   * another user than this process's, its owner. A file that changes meanwhile, or cannot be read
   * to its end, leaves nothing.
   *
   * @param target a path of the scheme {@code sheaf}
   * @param options {@code REPLACE_EXISTING}: not to look whether the name is taken, the session's
   *     {@code duplicates} decides; {@code COPY_ATTRIBUTES} goes without saying
   * @throws FileAlreadyExistsException when there is something of that name
   */
  public static void copy(Path source, Path target, CopyOption... options) throws IOException {
    SheafPath into = SheafPath.of(target);
    CopyOptions how = CopyOptions.of(options);
    if (source instanceof SheafPath entry) {
      Copying.within(entry, into, new CopyOptions(how.replace(), true, how.follow()));
    } else {
      requireDefault(source);
      Copying.from(source, into, how);
    }
  }

  /**
   * Copies a regular file as {@link #copy} does, and deletes it once the entry would survive the
   * loss of the node ({@code fsync}).
   */
  public static void move(Path source, Path target) throws IOException {
    SheafPath into = SheafPath.of(target);
    requireDefault(source);
    Copying.requireFree(into);
    Copying.pickup(
        source,
        into,
        new PickupOptions(Durability.FSYNC, true, new Confined.Rules(false, true, false)));
  }

  private static void requireDefault(Path source) {
    if (!source.getFileSystem().equals(FileSystems.getDefault())) {
      throw new UnsupportedOperationException(
          source + " is not of this node's file system: use Files.copy");
    }
  }
}
