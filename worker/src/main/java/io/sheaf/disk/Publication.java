package io.sheaf.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.UUID;

/** Small files that are there as a whole or not at all. */
public final class Publication {
  private Publication() {}

  /** Replaces a file. When this returns, the new contents are durable under the name. */
  public static void replace(Disk disk, Path file, byte[] contents) throws IOException {
    Path temporary = write(disk, file, contents);
    disk.rename(temporary, file);
    disk.syncDirectory(directoryOf(file));
  }

  /**
   * Makes a file, once.
   *
   * @throws FileAlreadyExistsException when the name is taken; that file is left as it is
   */
  public static void ifAbsent(Disk disk, Path file, byte[] contents) throws IOException {
    Path temporary = write(disk, file, contents);
    try {
      disk.link(temporary, file);
      disk.syncDirectory(directoryOf(file));
    } finally {
      disk.delete(temporary);
    }
  }

  private static Path write(Disk disk, Path file, byte[] contents) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try (DiskFile out = disk.create(temporary)) {
      out.write(ByteBuffer.wrap(contents), 0);
      out.sync();
    } catch (IOException e) {
      disk.delete(temporary);
      throw e;
    }
    return temporary;
  }

  private static Path directoryOf(Path file) throws IOException {
    Path parent = file.getParent();
    if (parent == null) {
      throw new IOException(file + " has no directory");
    }
    return parent;
  }
}
