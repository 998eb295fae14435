package io.sheaf.archive;

import io.sheaf.batch.Quarantine;
import io.sheaf.tree.PendingBatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a merge did. All of it is durable.
 *
 * @param epoch of the archive now
 * @param settled batches that are not pending any more: merged now or before, or in quarantine;
 *     what ZooKeeper says of them can go
 * @param missing batches that were published, are not in the ledger, and whose file is not there
 * @param entries added to the archive
 * @param bytes of their contents
 * @param collapsed entries left out because they were there already
 * @param renamed entries kept under a numbered name
 * @param quarantined what could not be merged
 * @param held batches that wait for a gap in their worker's sequence to be filled
 * @param gaps that were passed over, a line each
 * @param rolled archives that this one's contents were moved to, for it had reached its limit
 * @param length of the archive now, in bytes
 * @param directoryLength of its central directory, in bytes
 */
public record MergeOutcome(
    String archive,
    long epoch,
    List<Settled> settled,
    List<PendingBatch> missing,
    long entries,
    long bytes,
    long collapsed,
    long renamed,
    List<Quarantine.Item> quarantined,
    long held,
    List<String> gaps,
    List<String> rolled,
    long length,
    long directoryLength) {

  /** A batch that is not pending any more. */
  public record Settled(String worker, long seq) {
    // Made here, and not when they are first called: see FileState.

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Settled that && seq == that.seq && worker.equals(that.worker);
    }

    @Override
    public int hashCode() {
      return 31 * worker.hashCode() + Long.hashCode(seq);
    }
  }
}
