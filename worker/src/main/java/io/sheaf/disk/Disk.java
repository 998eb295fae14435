package io.sheaf.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Everything that Sheaf does to a filesystem that others share.
 *
 * <p>Nothing is durable until the call that says so has returned: contents after {@link
 * DiskFile#sync}, a name (created, renamed or removed) after {@link #syncDirectory} of its
 * directory. A crash in between may keep, lose, tear or reorder what was done. After an {@link
 * IOException} from a sync the file must be abandoned: the kernel has marked its pages clean, so a
 * second sync would succeed and lie (Rebello et al., USENIX ATC 2020).
 *
 * <p>The message of each {@link IOException} names the file.
 */
public interface Disk {
  /** Creates a file that must not exist, open for reading and writing. Its name is not durable. */
  DiskFile create(Path file) throws IOException;

  /** Opens an existing file for reading and writing. */
  DiskFile openForWrite(Path file) throws IOException;

  /** Opens an existing file for reading. */
  DiskFile openForRead(Path file) throws IOException;

  /** What a path names now, without following a link; empty when there is nothing. */
  Optional<FileState> stat(Path path) throws IOException;

  /** The names in a directory, sorted; empty when the directory does not exist. */
  List<String> list(Path directory) throws IOException;

  /** Makes a directory and its parents, and makes each new name durable. */
  void createDirectories(Path directory) throws IOException;

  /**
   * Renames atomically, replacing the target. Not durable before both directories are synced. When
   * the call fails but has happened (NFS repeats a request whose answer was lost), it succeeds.
   */
  void rename(Path from, Path to) throws IOException;

  /** Gives a file a second name that must not exist: the way to publish without replacing. */
  void link(Path existing, Path name) throws IOException;

  /** Removes a file if it is there; says whether it was. Not durable before its directory is. */
  boolean delete(Path file) throws IOException;

  /** Removes a directory if it is there and empty; says whether it did. */
  boolean deleteEmptyDirectory(Path directory) throws IOException;

  /** Makes the names in a directory durable. */
  void syncDirectory(Path directory) throws IOException;

  /**
   * Looks anew at which names a directory has, where a client of a filesystem remembers that for a
   * while: what others put there before is seen after it. Nothing when there is no such directory.
   * On NFS to open a directory is that (close-to-open), on others there is nothing to do.
   */
  default void revalidate(Path directory) throws IOException {}

  /**
   * Takes an exclusive POSIX lock on a file, which is created when missing, without waiting. The
   * lock is on the file that the name means when the call returns. Empty when another process, or
   * another holder in this one, has it.
   */
  Optional<DiskLock> tryLock(Path file) throws IOException;

  /** As {@link #tryLock}, but empty too when there is no such file. */
  Optional<DiskLock> tryLockExisting(Path file) throws IOException;

  /**
   * Whether {@link DiskFile#copyTo} between files below a directory shares blocks instead of
   * copying bytes. Where that cannot be told it is false.
   */
  default boolean sharesBlocks(Path directory) throws IOException {
    return false;
  }

  /** The whole of a small file. */
  default byte[] readAll(Path file) throws IOException {
    try (DiskFile in = openForRead(file)) {
      long size = in.size();
      if (size > Integer.MAX_VALUE - 8) {
        throw new IOException(file + " is too large to be read as a whole: " + size + " bytes");
      }
      ByteBuffer buffer = ByteBuffer.allocate((int) size);
      in.readFully(buffer, 0);
      return buffer.array();
    }
  }

  /** As {@link #readAll(Path)}, empty when there is no such file. */
  default Optional<byte[]> readIfPresent(Path file) throws IOException {
    try {
      return Optional.of(readAll(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
