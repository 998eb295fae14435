package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchFile;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Merges the pending batches of an archive. It knows no ZooKeeper; the caller holds the claim.
 *
 * <p>One merge, in the design's steps: (1) recover; (2) plan and (4) write the staged file, synced;
 * (3) journal, synced; rename the staged file over the archive, sync the directory; (5) commit the
 * ledger; (6) clean. With {@code replace} the journal follows the staged file, for it names its
 * length and tail, and comes before the rename, which is the first step that anybody sees.
 */
public final class Consolidator {
  @SuppressWarnings("UnusedVariable") // for gap_timeout, which comes next
  private final Clock clock;

  private final Disk disk;
  private final BaseDirectory base;
  private final MergePolicy policy;
  private final String by;
  private final String session;
  private final Recovery recovery;
  private final LedgerStore ledgers;
  private final JournalStore journals;
  private final Quarantine quarantine;

  /**
   * @param by id of the coordinator
   * @param session for which it merges, under which the totals are kept: {@link SessionTotals#key}
   */
  public Consolidator(
      Disk disk, BaseDirectory base, MergePolicy policy, String by, String session, Clock clock) {
    this.clock = clock;
    this.disk = disk;
    this.base = base;
    this.policy = policy;
    this.by = by;
    this.session = session;
    this.recovery = new Recovery(disk, base);
    this.ledgers = new LedgerStore(disk, base);
    this.journals = new JournalStore(disk, base);
    this.quarantine = new Quarantine(disk, base);
  }

  /**
   * Recovers what a crash left, then merges every closed batch in the archive's inbox.
   *
   * @param published batches that ZooKeeper knows: their files are merged even if a listing of the
   *     inbox does not show them yet
   * @param guard the claim, asked right before each step that others see
   * @throws ArchiveDisagreesException when somebody has to look; nothing was touched
   * @throws IOException when a file could not be read or written: nothing is lost, try again
   */
  public MergeOutcome merge(String archive, Collection<PendingBatch> published, MergeGuard guard)
      throws IOException {
    return merge(archive, published, Gaps.WAIT, guard);
  }

  /** As {@link #merge(String, Collection, MergeGuard)}, saying what is done about gaps. */
  public MergeOutcome merge(
      String archive, Collection<PendingBatch> published, Gaps gaps, MergeGuard guard)
      throws IOException {
    Ledger ledger = recovery.recover(archive, guard);
    PendingFiles pending =
        PendingFiles.find(disk, base, quarantine, new Inbox(disk, base), ledger, published);
    Ledger committed = ledger;
    Merge.Tally tally = new Merge.Tally();
    if (!pending.fresh().isEmpty()) {
      try (Merge merge = open(ledger)) {
        tally = merge.tally();
        committed = run(merge, ledger, pending.fresh(), guard);
      }
    }
    if (committed.epoch() == ledger.epoch() && !pending.consumed().isEmpty()) {
      ledgers.makeDurable(archive);
    }
    clean(pending);
    return outcome(archive, committed, pending, tally);
  }

  private Merge open(Ledger ledger) throws IOException {
    String archive = ledger.archive();
    return new Merge(disk, policy, quarantine, ledger, base.archive(archive), base.staged(archive));
  }

  private Ledger run(Merge merge, Ledger ledger, List<BatchFile> batches, MergeGuard guard)
      throws IOException {
    try {
      return write(merge, ledger, batches, guard);
    } catch (IOException e) {
      discardIfOurs(merge, guard, e);
      throw e;
    }
  }

  /**
   * The staged file takes space that may be what is missing; but only under the claim is it ours.
   */
  private static void discardIfOurs(Merge merge, MergeGuard guard, IOException reason) {
    try {
      guard.ensureValid();
      merge.discard();
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  private Ledger write(Merge merge, Ledger ledger, List<BatchFile> batches, MergeGuard guard)
      throws IOException {
    for (BatchFile batch : batches) {
      merge.take(batch);
    }
    Ledger next;
    if (merge.changed()) {
      next = next(ledger, merge.finish(), batches, merge.tally());
      replace(ledger, next, guard);
    } else {
      merge.discard();
      next = next(ledger, ledger.contents(), batches, merge.tally());
    }
    guard.ensureValid();
    ledgers.commit(next);
    journals.drop(ledger.archive());
    return next;
  }

  private void replace(Ledger ledger, Ledger next, MergeGuard guard) throws IOException {
    String archive = ledger.archive();
    Path target = base.archive(archive);
    disk.createDirectories(Recovery.directoryOf(target));
    guard.ensureValid();
    journals.write(new Journal(Journal.VERSION, Journal.REPLACE, ledger.epoch(), next));
    guard.ensureValid();
    disk.rename(base.staged(archive), target);
    disk.syncDirectory(Recovery.directoryOf(target));
  }

  private Ledger next(
      Ledger ledger, Ledger.Contents contents, List<BatchFile> batches, Merge.Tally tally) {
    SortedMap<String, String> consumed = new TreeMap<>(ledger.consumed());
    long salvagedBatches = 0;
    long salvagedEntries = 0;
    for (BatchFile batch : batches) {
      Manifest manifest = batch.manifest();
      SequenceRanges ranges = SequenceRanges.parse(consumed.getOrDefault(manifest.worker(), ""));
      ranges.add(manifest.seq());
      consumed.put(manifest.worker(), ranges.toString());
      if (manifest.salvaged() != null) {
        salvagedBatches++;
        salvagedEntries += manifest.entries();
      }
    }
    SessionTotals more =
        new SessionTotals(
            1,
            1,
            batches.size(),
            tally.entries,
            tally.bytes,
            tally.collapsed,
            tally.renamed,
            salvagedBatches,
            salvagedEntries,
            new TreeMap<>(Map.of(by, 1L)));
    SortedMap<String, SessionTotals> sessions = new TreeMap<>(ledger.sessions());
    sessions.merge(session, more, (a, b) -> a.plus(b).ofOneArchive());
    SessionTotals.forgetEarlier(sessions, session);
    return ledger.next(ledger.epoch() + 1, contents, consumed, sessions);
  }

  private void clean(PendingFiles pending) throws IOException {
    for (BatchFile batch : pending.fresh()) {
      disk.delete(batch.path());
    }
    for (BatchFile batch : pending.consumed()) {
      disk.delete(batch.path());
    }
  }

  private static MergeOutcome outcome(
      String archive, Ledger ledger, PendingFiles pending, Merge.Tally tally) {
    List<Quarantine.Item> quarantined = new ArrayList<>(pending.quarantined());
    quarantined.addAll(tally.quarantined);
    return new MergeOutcome(
        archive,
        ledger.epoch(),
        pending.settled(),
        pending.missing(),
        tally.entries,
        tally.bytes,
        tally.collapsed,
        tally.renamed,
        quarantined,
        0,
        List.of(),
        List.of(),
        ledger.length(),
        ledger.length() - ledger.dataLength());
  }
}
