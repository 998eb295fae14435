package io.sheaf.disk;

import org.jspecify.annotations.Nullable;

/**
 * What stat says of a path.
 *
 * @param size in bytes
 * @param modified milliseconds since the epoch
 * @param key device and inode, equal for two names of one file
 */
public record FileState(boolean isFile, boolean isDirectory, long size, long modified, String key) {
  // Every command compares these, and a record's own methods are made when they are first called,
  // which takes longer than many a command.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FileState that
        && isFile == that.isFile
        && isDirectory == that.isDirectory
        && size == that.size
        && modified == that.modified
        && key.equals(that.key);
  }

  @Override
  public int hashCode() {
    return 31 * key.hashCode() + Long.hashCode(size ^ modified);
  }
}
