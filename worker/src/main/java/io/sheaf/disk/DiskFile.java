package io.sheaf.disk;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** An open file. Reads and writes name their position, so several threads may share one. */
public interface DiskFile extends Closeable {
  Path path();

  long size() throws IOException;

  /** Reads at most what the buffer has room for; -1 at the end of the file. */
  int read(ByteBuffer target, long position) throws IOException;

  /** Writes all of the buffer. When this throws, any part of it may have been written. */
  void write(ByteBuffer source, long position) throws IOException;

  /** Writes all of the buffers, one after the other, in as few system calls as possible. */
  void write(ByteBuffer[] sources, long position) throws IOException;

  /**
   * Copies bytes of this file into another, in the kernel where that can be done: JDK 17 uses
   * sendfile, newer ones copy_file_range, which shares blocks where the filesystem can.
   *
   * @throws EOFException when this file is shorter than position + count
   */
  void copyTo(DiskFile target, long targetPosition, long position, long count) throws IOException;

  /** Cuts the file to a size that is not above its present one. */
  void truncate(long size) throws IOException;

  /**
   * Begins to bring what was written so far to the device, while the caller goes on, so that the
   * next {@link #sync} has less to wait for. Promises nothing; when it fails, that sync does.
   */
  default void startSync() {}

  /** Makes the contents durable. After a failure the file must be abandoned, see {@link Disk}. */
  void sync() throws IOException;

  @Override
  void close() throws IOException;

  /** Fills the buffer. */
  default void readFully(ByteBuffer target, long position) throws IOException {
    long at = position;
    while (target.hasRemaining()) {
      int n = read(target, at);
      if (n < 0) {
        throw new EOFException(path() + " ends before " + (at + target.remaining()));
      }
      at += n;
    }
  }
}
