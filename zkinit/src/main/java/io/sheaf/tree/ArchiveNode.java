package io.sheaf.tree;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data of {@code pending/XX/KEY}: the archive's name, which the key is only the hash of.
 *
 * @param archive destination, relative to the base directory
 */
record ArchiveNode(int version, String archive) {
  static final int VERSION = 1;
  private static final Logger log = LoggerFactory.getLogger(ArchiveNode.class);

  static byte[] encode(String archive) {
    return Codec.ARCHIVE.encode(new ArchiveNode(VERSION, archive));
  }

  /** What cannot be read is logged; the files have it all the same. */
  static Optional<String> decode(String path, byte[] data) {
    try {
      return Optional.of(Codec.ARCHIVE.decode(data, path).archive());
    } catch (TreeDamagedException e) {
      log.error("{}: its batches are left to the scan of the inbox", e.getMessage());
      return Optional.empty();
    }
  }
}
