package io.sheaf.archive;

import io.sheaf.batch.BatchFile;
import io.sheaf.batch.BatchName;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.conf.Duplicates;
import io.sheaf.conf.Keys;
import io.sheaf.conf.MergeOrder;
import io.sheaf.conf.Settings;
import java.time.Duration;

/**
 * What a session says about merging.
 *
 * @param symlinks whether an archive may hold symbolic links
 * @param gapTimeout how long a missing batch holds back the later ones of its worker
 * @param maxBytes of an archive, above which it is rolled; 0 for no limit
 * @param maxEntries of an archive, above which it is rolled; 0 for no limit
 * @param adopted what holds in place of {@code duplicates} for zips of other programs
 */
public record MergePolicy(
    Duplicates duplicates,
    boolean symlinks,
    CommitStrategy commit,
    MergeOrder order,
    Duration gapTimeout,
    long maxBytes,
    long maxEntries,
    Duplicates adopted) {

  /** The same duplicates policy for all that comes. */
  public MergePolicy(
      Duplicates duplicates,
      boolean symlinks,
      CommitStrategy commit,
      MergeOrder order,
      Duration gapTimeout,
      long maxBytes,
      long maxEntries) {
    this(duplicates, symlinks, commit, order, gapTimeout, maxBytes, maxEntries, duplicates);
  }

  public static MergePolicy of(Settings settings) {
    return new MergePolicy(
        settings.get(Keys.DUPLICATES),
        settings.get(Keys.SYMLINKS),
        settings.get(Keys.COMMIT),
        settings.get(Keys.ORDER),
        settings.get(Keys.GAP_TIMEOUT),
        settings.get(Keys.ARCHIVE_MAX_BYTES),
        settings.get(Keys.ARCHIVE_MAX_ENTRIES));
  }

  /** In order of time, with {@code replace}, without limits. */
  public static MergePolicy simple(Duplicates duplicates) {
    return new MergePolicy(
        duplicates, false, CommitStrategy.REPLACE, MergeOrder.TIME, Duration.ZERO, 0, 0);
  }

  public MergePolicy with(CommitStrategy other) {
    return new MergePolicy(
        duplicates, symlinks, other, order, gapTimeout, maxBytes, maxEntries, adopted);
  }

  public MergePolicy with(MergeOrder other, Duration timeout) {
    return new MergePolicy(
        duplicates, symlinks, commit, other, timeout, maxBytes, maxEntries, adopted);
  }

  /** Rolls above so many bytes or entries; 0 for no limit. */
  public MergePolicy rolling(long bytes, long entries) {
    return new MergePolicy(
        duplicates, symlinks, commit, order, gapTimeout, bytes, entries, adopted);
  }

  /** With a policy of their own for zips of other programs. */
  public MergePolicy adopting(Duplicates other) {
    return new MergePolicy(
        duplicates, symlinks, commit, order, gapTimeout, maxBytes, maxEntries, other);
  }

  Duplicates duplicatesOf(BatchFile batch) {
    return BatchName.isAdopted(batch.manifest().worker()) ? adopted : duplicates;
  }
}
