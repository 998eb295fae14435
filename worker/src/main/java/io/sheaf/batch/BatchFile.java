package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EndRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * What a closed batch says of itself, read from its end.
 *
 * @param size of the file in bytes
 * @param directory its central directory
 */
public record BatchFile(Path path, long size, Manifest manifest, ByteBuffer directory) {
  /**
   * Reads the end of a batch.
   *
   * @throws BadZipException when it is damaged or no batch, with the reason; reading again is no
   *     use
   */
  public static BatchFile read(Disk disk, Path path) throws IOException {
    requireRegular(disk, path);
    try (DiskFile file = disk.openForRead(path)) {
      EndRecord end = EndRecord.read(file);
      Manifest manifest = ManifestComment.decode(end.comment());
      if (manifest.region() != end.directoryOffset() || manifest.entries() != end.entries()) {
        throw new BadZipException("the manifest and the end record disagree");
      }
      if (end.directoryLength() > Integer.MAX_VALUE - 16) {
        throw new BadZipException("a central directory of more than 2 GiB");
      }
      ByteBuffer directory = ByteBuffer.allocate((int) end.directoryLength());
      file.readFully(directory, end.directoryOffset());
      check(directory.flip(), manifest);
      return new BatchFile(path, file.size(), manifest, directory);
    }
  }

  /** Opening a FIFO would block, and reading a directory fails for ever. */
  private static void requireRegular(Disk disk, Path path) throws IOException {
    if (disk.stat(path).filter(state -> !state.isFile()).isPresent()) {
      throw new BadZipException("it is no regular file");
    }
  }

  private static void check(ByteBuffer directory, Manifest manifest) throws BadZipException {
    DirectoryCursor entry = new DirectoryCursor(directory);
    long entries = 0;
    while (entry.next()) {
      entries++;
    }
    if (entries != manifest.entries()) {
      throw new BadZipException("the manifest and the central directory disagree");
    }
  }
}
