package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What was merged for a session. Each ledger carries the totals of its archive, so they are as
 * exact as the merges themselves, whoever crashed.
 *
 * @param archives that got something
 * @param merges committed
 * @param batches merged
 * @param entries in them that are in the archives now
 * @param bytes of those entries' contents
 * @param collapsed entries left out because the same bytes were there under the same name, or
 *     because the first of a name stays
 * @param renamed entries kept under a numbered name
 * @param salvagedBatches those of the batches whose worker had died
 * @param salvagedEntries the entries in them
 * @param mergesBy number of merges by coordinator
 */
public record SessionTotals(
    long archives,
    long merges,
    long batches,
    long entries,
    long bytes,
    long collapsed,
    long renamed,
    long salvagedBatches,
    long salvagedEntries,
    SortedMap<String, Long> mergesBy) {
  /** So many sessions of one name are remembered in a ledger, the last ones. */
  private static final int REMEMBERED = 8;

  static final SessionTotals NONE = new SessionTotals(0, 0, 0, 0, 0, 0, 0, 0, 0, new TreeMap<>());

  /** The totals of a session over all archives of a base directory. */
  public static SessionTotals of(Disk disk, BaseDirectory base, String session) throws IOException {
    LedgerStore ledgers = new LedgerStore(disk, base);
    SessionTotals sum = NONE;
    for (String archive : ledgers.archives()) {
      sum = sum.plus(ledgers.load(archive).sessions().getOrDefault(session, NONE));
    }
    return sum;
  }

  /**
   * Under what the totals of a session are kept: a name is used again and again, and each session
   * counts for itself.
   *
   * @param created milliseconds since the epoch
   */
  public static String key(String session, long created) {
    return session + '@' + created;
  }

  /** The session's name in a {@link #key}. */
  static String nameOf(String key) {
    int at = key.lastIndexOf('@');
    return at < 0 ? key : key.substring(0, at);
  }

  /**
   * Forgets the first sessions of the same name as this one's, that no ledger may grow for ever.
   */
  static void forgetEarlier(Map<String, SessionTotals> sessions, String key) {
    String name = key.substring(0, key.lastIndexOf('@') + 1);
    List<String> same =
        sessions.keySet().stream().filter(k -> k.startsWith(name)).sorted().toList();
    // Times of one length sort as numbers do. Without a time there is but one.
    if (!name.isEmpty()) {
      same.stream().limit(Math.max(0, same.size() - REMEMBERED)).forEach(sessions::remove);
    }
  }

  SessionTotals plus(SessionTotals more) {
    SortedMap<String, Long> by = new TreeMap<>(mergesBy);
    more.mergesBy.forEach((coordinator, n) -> by.merge(coordinator, n, Long::sum));
    return new SessionTotals(
        archives + more.archives,
        merges + more.merges,
        batches + more.batches,
        entries + more.entries,
        bytes + more.bytes,
        collapsed + more.collapsed,
        renamed + more.renamed,
        salvagedBatches + more.salvagedBatches,
        salvagedEntries + more.salvagedEntries,
        by);
  }

  /** One archive's totals: it counts as one archive however often it was merged. */
  SessionTotals ofOneArchive() {
    return new SessionTotals(
        1,
        merges,
        batches,
        entries,
        bytes,
        collapsed,
        renamed,
        salvagedBatches,
        salvagedEntries,
        mergesBy);
  }
}
