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

  /** Whether a path ends as that of an archive does: shard and key. */
  static boolean isInPlace(String path) {
    String key = path.substring(path.lastIndexOf('/') + 1);
    return ArchiveKey.isKey(key) && path.endsWith("/" + key.substring(0, 2) + "/" + key);
  }

  /** What cannot be read, or is not what the key is the hash of, is logged; the files have it. */
  static Optional<String> decode(String path, byte[] data) {
    try {
      String archive = Codec.ARCHIVE.decode(data, path).archive();
      if (path.endsWith("/" + ArchiveKey.of(archive).hex())) {
        return Optional.of(archive);
      }
      log.debug("{} has the name of another archive: left to the scan of the inbox", path);
      return Optional.empty();
    } catch (TreeDamagedException e) {
      log.debug("{}: its batches are left to the scan of the inbox", e.getMessage());
      return Optional.empty();
    }
  }
}
