package io.sheaf.disk;

/**
 * A change of a file's contents that was not synced.
 *
 * @param operation its number
 * @param cuts whether the file was cut, rather than written to
 * @param end where the write ended; the new size of a file that was cut
 * @param first sector that was written
 * @param last one, below {@code first} when there is none
 * @param after the whole contents as they were then: a sector goes to the disk as it is in memory
 */
record FileChange(int operation, boolean cuts, long end, int first, int last, Sectors after) {
  static FileChange write(int operation, long position, long length, Sectors after) {
    long end = position + length;
    return new FileChange(
        operation,
        false,
        end,
        (int) (position / Sectors.SECTOR),
        (int) ((end - 1) / Sectors.SECTOR),
        after);
  }

  static FileChange cut(int operation, Sectors after) {
    return new FileChange(operation, true, after.size(), 0, -1, after);
  }

  /** What is left of a change whose pages were marked clean though they were never written. */
  FileChange withoutData() {
    return new FileChange(operation, cuts, end, 0, -1, after);
  }
}
