package io.sheaf.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.UUID;

/** Small files that are there as a whole or not at all. */
public final class Publication {
  private static final String TEMPORARY = ".tmp";

  private Publication() {}

  /** Replaces a file. When this returns, the new contents are durable under the name. */
  public static void replace(Disk disk, Path file, byte[] contents) throws IOException {
    publish(disk, write(disk, unique(file), bytes(contents)), file);
  }

  /**
   * As {@link #replace}, for a file that nobody else may write meanwhile: the caller holds a lock.
   * What a crash leaves is then taken away by the next call, instead of staying for ever.
   */
  public static void replaceLocked(Disk disk, Path file, byte[] contents) throws IOException {
    replaceLocked(disk, file, bytes(contents));
  }

  /** Writes a file, which is empty at first. */
  public interface Contents {
    void writeTo(DiskFile out) throws IOException;
  }

  /** As {@link #replaceLocked(Disk, Path, byte[])}, for contents that are written in pieces. */
  public static void replaceLocked(Disk disk, Path file, Contents contents) throws IOException {
    Path temporary = temporaryOf(file);
    disk.delete(temporary);
    publish(disk, write(disk, temporary, contents), file);
  }

  /** What a crash in {@link #replaceLocked} may leave beside a file. */
  public static Path temporaryOf(Path file) {
    return file.resolveSibling(file.getFileName() + TEMPORARY);
  }

  private static void publish(Disk disk, Path temporary, Path file) throws IOException {
    disk.rename(temporary, file);
    disk.syncDirectory(directoryOf(file));
  }

  /**
   * Makes a file, once.
   *
   * @throws FileAlreadyExistsException when the name is taken; that file is left as it is
   */
  public static void ifAbsent(Disk disk, Path file, byte[] contents) throws IOException {
    Path temporary = write(disk, unique(file), bytes(contents));
    try {
      disk.link(temporary, file);
      disk.syncDirectory(directoryOf(file));
    } finally {
      disk.delete(temporary);
    }
  }

  private static Path unique(Path file) {
    return file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + TEMPORARY);
  }

  private static Contents bytes(byte[] contents) {
    return out -> out.write(ByteBuffer.wrap(contents), 0);
  }

  private static Path write(Disk disk, Path temporary, Contents contents) throws IOException {
    try (DiskFile out = disk.create(temporary)) {
      contents.writeTo(out);
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
