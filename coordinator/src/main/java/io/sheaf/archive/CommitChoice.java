package io.sheaf.archive;

import io.sheaf.conf.CommitStrategy;
import io.sheaf.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Which strategy a merge takes. {@code replace} copies the old data, which costs nothing where
 * copies share blocks and little while the archive is small; {@code in-place} writes the old
 * directory once more and leaves readers with no archive until it is done.
 */
final class CommitChoice {
  /** Up to so many bytes of old data are copied rather than the archive be overwritten. */
  static final long SMALL = 64L << 20;

  /** So many times the new bytes may be copied: then the merge takes about five times as long. */
  static final long WORTH = 4;

  private final Disk disk;
  private final Path root;
  private final CommitStrategy wanted;

  CommitChoice(Disk disk, Path root, CommitStrategy wanted) {
    this.disk = disk;
    this.root = root;
    this.wanted = wanted;
  }

  /**
   * Whether to overwrite an archive.
   *
   * @param more bytes of the regions that are to be merged
   */
  boolean inPlace(Ledger ledger, long more) throws IOException {
    if (ledger.length() == 0) {
      return false;
    }
    return switch (wanted) {
      case REPLACE -> false;
      case IN_PLACE -> true;
      case AUTO ->
          ledger.dataLength() > Math.max(SMALL, Math.max(WORTH * more, ledger.directoryLength()))
              && !disk.sharesBlocks(root);
    };
  }
}
