package io.sheaf.disk;

import java.io.Closeable;
import java.io.IOException;

/** A POSIX lock that this process holds; closing it lets go. */
public interface DiskLock extends Closeable {
  /**
   * Returns when the lock is still held on the file that the name means.
   *
   * @throws IOException when it is not: the holder must stop at once
   */
  void ensureValid() throws IOException;

  @Override
  void close() throws IOException;
}
