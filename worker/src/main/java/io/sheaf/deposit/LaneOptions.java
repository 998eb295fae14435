package io.sheaf.deposit;

import io.sheaf.batch.Compression;
import io.sheaf.conf.Durability;
import java.time.Duration;

/**
 * How the lanes of a worker keep their batches.
 *
 * @param rotateInterval a batch is sealed when it has been open for this long
 * @param rotateBytes a batch is sealed when its file has this length; it may pass it by one group
 * @param rotateEntries a batch never has more entries
 * @param durability of a deposit that does not say
 * @param maxOpen batches of one archive that are open at a time; further archives share batches
 * @param memoryLimit bytes of contents in memory above which {@link MemoryBudget#isOver} asks to
 *     stop reading
 * @param maxEntryBytes the largest entry taken, 0 for no limit
 * @param uniqueNames whether an entry name is refused while an open batch has it
 * @param symlinks whether entries may be symbolic links
 */
public record LaneOptions(
    Compression compression,
    Duration rotateInterval,
    long rotateBytes,
    long rotateEntries,
    Durability durability,
    int maxOpen,
    long memoryLimit,
    long maxEntryBytes,
    boolean uniqueNames,
    boolean symlinks) {
  /** Without symbolic links. */
  public LaneOptions(
      Compression compression,
      Duration rotateInterval,
      long rotateBytes,
      long rotateEntries,
      Durability durability,
      int maxOpen,
      long memoryLimit,
      long maxEntryBytes,
      boolean uniqueNames) {
    this(
        compression,
        rotateInterval,
        rotateBytes,
        rotateEntries,
        durability,
        maxOpen,
        memoryLimit,
        maxEntryBytes,
        uniqueNames,
        false);
  }
}
