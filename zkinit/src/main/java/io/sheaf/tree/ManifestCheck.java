package io.sheaf.tree;

import java.util.stream.LongStream;

/**
 * Whether a znode under {@code pending} says of itself what its place says. Who may write there may
 * not send a coordinator anywhere else than to the inbox of that very archive.
 */
final class ManifestCheck {
  private static final String INBOX = ".sheaf/inbox/";
  private static final String MIXED = INBOX + Manifest.MIXED + "/";

  /** Places in a path of which the last four are shard, key, worker and number. */
  private final String[] names;

  private ManifestCheck(String path) {
    this.names = path.split("/", -1);
  }

  private String fromEnd(int n) {
    return names[names.length - n];
  }

  /** What is wrong; empty when nothing is. The name of the archive itself is not looked at. */
  static String problem(String znode, PendingBatch batch) {
    return new ManifestCheck(znode).problem(batch);
  }

  private String problem(PendingBatch batch) {
    Manifest manifest = batch.manifest();
    boolean inPlace =
        ArchiveKey.of(manifest.archive()).hex().equals(fromEnd(3))
            && manifest.worker().equals(fromEnd(2))
            && Long.toString(manifest.seq()).equals(fromEnd(1));
    if (!inPlace) {
      return "it is published under another archive, worker or number than its own";
    }
    String id = Manifest.idOf(manifest.worker(), manifest.seq(), manifest.archive());
    if (!manifest.id().equals(id) || hasAbsurdNumber(batch) || manifest.parts() != null) {
      return "it is not the manifest of a batch";
    }
    return isInInbox(batch.path(), manifest.archive())
        ? ""
        : "its path is not in the inbox of its archive: " + batch.path();
  }

  private static boolean hasAbsurdNumber(PendingBatch batch) {
    Manifest m = batch.manifest();
    return LongStream.of(
            batch.size(), m.seq(), m.entries(), m.bytes(), m.region(), m.opened(), m.closed())
        .anyMatch(n -> n < 0);
  }

  /** A batch may have come under any name, but lies right there. */
  private static boolean isInInbox(String path, String archive) {
    String own = INBOX + archive + "/";
    String directory = path.startsWith(MIXED) ? MIXED : own;
    String file = path.startsWith(directory) ? path.substring(directory.length()) : "";
    return file.endsWith(".zip") && file.indexOf('/') < 0 && file.indexOf('\0') < 0;
  }
}
