package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EndRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * What a closed batch says of itself, read from its end.
 *
 * @param size of the file in bytes
 * @param directory its central directory; of a part the records of that part, under the names that
 *     the entries get in the archive
 * @param end up to which byte of the file its entries may reach
 * @param isPart whether it is one archive's part of a batch of several: its entries lie anywhere
 *     before the end, and their local headers name the archive too
 */
public record BatchFile(
    Path path, long size, Manifest manifest, ByteBuffer directory, long end, boolean isPart) {
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
      if (manifest.parts() != null) {
        throw new BadZipException("it is a batch of several archives");
      }
      if (manifest.region() != end.directoryOffset() || manifest.entries() != end.entries()) {
        throw new BadZipException("the manifest and the end record disagree");
      }
      if (end.directoryLength() > Integer.MAX_VALUE - 16) {
        throw new BadZipException("a central directory of more than 2 GiB");
      }
      ByteBuffer directory = ByteBuffer.allocate((int) end.directoryLength());
      file.readFully(directory, end.directoryOffset());
      check(directory.flip(), manifest);
      return new BatchFile(path, file.size(), manifest, directory, manifest.region(), false);
    }
  }

  /** Without the directory, which takes memory: many batches may wait for one archive. */
  public BatchFile listed() {
    return new BatchFile(path, size, manifest, ByteBuffer.allocate(0), end, isPart);
  }

  /**
   * With the directory, read again when it is not here.
   *
   * @throws IOException when the file is not the one any more that was read before
   */
  public BatchFile whole(Disk disk) throws IOException {
    if (isPart || directory.hasRemaining() || manifest.entries() == 0) {
      return this;
    }
    BatchFile again = read(disk, path);
    if (!again.manifest().equals(manifest)) {
      throw new IOException(path + " is another batch than a moment ago");
    }
    return again;
  }

  /**
   * Whether the manifest sums up the bytes. Nobody has summed up a zip of another program: there
   * the CRC-32 of each entry is all there is.
   */
  public boolean isSummed() {
    return !BatchName.isAdopted(manifest.worker());
  }

  /** What stands before the entries' names in their local headers, in UTF-8; else nothing. */
  public byte[] prefix() {
    return isPart ? MixedPart.prefixOf(manifest.archive()) : new byte[0];
  }

  /** Opening a FIFO would block, and reading a directory fails for ever. */
  static void requireRegular(Disk disk, Path path) throws IOException {
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
    if (Crc32c.of(directory) != manifest.directoryCrc()) {
      throw new BadZipException("the central directory is not what the manifest sums up");
    }
  }
}
