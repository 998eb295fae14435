package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchFile;
import io.sheaf.batch.DamagedBatch;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.MixedFiles;
import io.sheaf.batch.Quarantine;
import io.sheaf.conf.MergeOrder;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.zip.NameIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Merges the pending batches of an archive. It knows no ZooKeeper; the caller holds the claim.
 *
 * <p>One merge, in the design's steps: (1) recover; (2) plan and (4) write, synced, with (3) the
 * journal before the first byte of the archive is touched: with {@code in-place} that is before
 * anything is written, with {@code replace} before the rename; (5) commit the ledger; (6) clean.
 * When an archive has reached its limit, or much is pending, this is done in several rounds.
 */
public final class Consolidator {
  /** Directory records that are added in one round, in bytes: they are in memory. */
  private static final int ROUND = 32 << 20;

  private final Disk disk;
  private final BaseDirectory base;
  private final MergePolicy policy;
  private final String by;
  private final String session;
  private final Clock clock;
  private final Recovery recovery;
  private final LedgerStore ledgers;
  private final JournalStore journals;
  private final Quarantine quarantine;
  private final DamagedBatch salvage;
  private final PreImage image;
  private final Roll roll;
  private final MixedSweep mixed;
  private final CommitChoice choice;
  private final WarmIndexes indexes = new WarmIndexes(Runtime.getRuntime().maxMemory() / 4);

  /**
   * A consolidator for one session.
   *
   * @param by id of the coordinator
   * @param session for which it merges, under which the totals are kept: {@link SessionTotals#key}
   */
  public Consolidator(
      Disk disk, BaseDirectory base, MergePolicy policy, String by, String session, Clock clock) {
    this(disk, base, policy, by, session, clock, new MixedFiles(disk, base));
  }

  Consolidator(
      Disk disk,
      BaseDirectory base,
      MergePolicy policy,
      String by,
      String session,
      Clock clock,
      MixedFiles mixed) {
    this.disk = disk;
    this.base = base;
    this.policy = policy;
    this.by = by;
    this.session = session;
    this.clock = clock;
    this.ledgers = new LedgerStore(disk, base);
    this.recovery = new Recovery(disk, base, ledgers);
    this.journals = new JournalStore(disk, base);
    this.quarantine = new Quarantine(disk, base);
    this.salvage = new DamagedBatch(disk, base, by, SessionTotals.nameOf(session));
    this.image = new PreImage(disk, base, ledgers);
    this.roll = new Roll(disk, base, ledgers);
    this.mixed = new MixedSweep(disk, base, mixed);
    this.choice = new CommitChoice(disk, base.root(), policy.commit());
  }

  /** The batches of several archives, which do not go with a merge but with the last of many. */
  public MixedSweep mixed() {
    return mixed;
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
        PendingFiles.find(
            disk,
            base,
            quarantine,
            new Inbox(disk, base),
            mixed.files(),
            ledger,
            published,
            salvage,
            clock.millis());
    SequenceOrder order = ordered(ledger, pending, gaps);
    Progress progress = new Progress(ledger);
    Deque<BatchFile> left = new ArrayDeque<>(order.ready());
    while (!left.isEmpty()) {
      round(progress, left, guard);
    }
    removeConsumed(pending, progress.ledger);
    return outcome(progress, pending, order);
  }

  /** They are deleted because the ledger that is seen has them: it must be durable first. */
  private void removeConsumed(PendingFiles pending, Ledger ledger) throws IOException {
    if (!pending.consumed().isEmpty()) {
      ledgers.syncSeen(ledger.archive());
    }
    for (BatchFile batch : pending.consumed()) {
      // A copy of one that is held back waits with it.
      if (ledger.hasConsumed(batch.manifest().worker(), batch.manifest().seq())) {
        disk.delete(batch.path());
      }
    }
  }

  /** What a merge has done so far, over its rounds. */
  private static final class Progress {
    private Ledger ledger;
    private final Merge.Tally total = new Merge.Tally();
    private final List<String> rolled = new ArrayList<>();

    Progress(Ledger ledger) {
      this.ledger = ledger;
    }

    void add(Merge.Tally tally) {
      total.entries += tally.entries;
      total.bytes += tally.bytes;
      total.collapsed += tally.collapsed;
      total.renamed += tally.renamed;
      total.quarantined.addAll(tally.quarantined);
    }
  }

  private SequenceOrder ordered(Ledger ledger, PendingFiles pending, Gaps gaps) throws IOException {
    return policy.order() == MergeOrder.TIME
        ? new SequenceOrder(pending.fresh(), List.of(), List.of())
        : SequenceOrder.of(ledger, pending.fresh(), policy, gaps, quarantine, clock);
  }

  /** Takes the next batches, commits them and removes their files. */
  private void round(Progress progress, Deque<BatchFile> left, MergeGuard guard)
      throws IOException {
    if (isFull(progress.ledger.length(), progress.ledger.entries())) {
      roll(progress, guard);
    }
    Ledger ledger = progress.ledger;
    long more = left.stream().mapToLong(b -> b.manifest().region()).sum();
    List<BatchFile> taken = new ArrayList<>();
    try (Merge merge = open(ledger, more, guard)) {
      try {
        while (!left.isEmpty() && (taken.isEmpty() || hasRoom(merge))) {
          merge.take(left.element().whole(disk));
          taken.add(left.remove());
        }
        progress.ledger = commit(merge, ledger, taken, guard);
      } catch (IOException e) {
        discardIfOurs(merge, guard, e);
        throw e;
      }
      progress.add(merge.tally());
      if (merge.directory().keepsPlaces()) {
        indexes.keep(progress.ledger, merge.directory().names());
      }
    }
    for (BatchFile batch : taken) {
      if (!batch.isPart()) {
        disk.delete(batch.path());
      }
    }
    List<BatchFile> parts = taken.stream().filter(BatchFile::isPart).toList();
    progress.total.quarantined.addAll(mixed.merged(ledger.archive(), parts));
    if (isFull(progress.ledger.length(), progress.ledger.entries())) {
      roll(progress, guard);
    }
  }

  private boolean hasRoom(Merge merge) {
    return merge.addedDirectory() < ROUND && !isFull(merge.length(), merge.entries());
  }

  private boolean isFull(long length, long entries) {
    return length > 0
        && ((policy.maxBytes() > 0 && length >= policy.maxBytes())
            || (policy.maxEntries() > 0 && entries >= policy.maxEntries()));
  }

  private void roll(Progress progress, MergeGuard guard) throws IOException {
    NameIndex names = indexes.take(progress.ledger);
    Roll.Rolled rolled = roll.run(progress.ledger, guard);
    progress.ledger = rolled.ledger();
    progress.rolled.add(rolled.volume().archive());
    if (names != null) {
      indexes.keep(rolled.volume(), names); // The same directory under another name.
    }
  }

  private Merge open(Ledger ledger, long more, MergeGuard guard) throws IOException {
    String archive = ledger.archive();
    Path path = base.archive(archive);
    OldArchive old = OldArchive.open(disk, path, ledger, indexes.take(ledger));
    DiskFile file = old.file();
    Staging staging =
        file != null && choice.inPlace(ledger, more)
            ? new Overwrite(disk, path, file, ledger, image, old.directory(), guard)
            : new Replacement(disk, base.staged(archive), file, ledger.contents());
    return new Merge(
        disk,
        policy,
        quarantine,
        archive,
        old,
        staging,
        new EarlierVolumes(disk, base, ledgers, indexes, ledger));
  }

  /**
   * What is staged takes space that may be what is missing, and an archive that is overwritten
   * should be whole again soon; but only under the claim is it ours.
   */
  private static void discardIfOurs(Merge merge, MergeGuard guard, IOException reason) {
    try {
      guard.ensureValid();
      merge.discard();
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  private Ledger commit(Merge merge, Ledger ledger, List<BatchFile> batches, MergeGuard guard)
      throws IOException {
    Ledger next;
    if (merge.changed()) {
      next = next(ledger, merge.finish(), batches, merge.tally());
      if (!merge.isInPlace()) {
        replace(ledger, next, guard);
      }
    } else {
      merge.discard();
      next = next(ledger, ledger.contents(), batches, merge.tally());
    }
    guard.ensureValid();
    ledgers.commit(next);
    if (merge.changed()) {
      guard.ensureValid();
      journals.drop(ledger.archive());
      image.drop(ledger.archive());
    }
    return next;
  }

  private void replace(Ledger ledger, Ledger next, MergeGuard guard) throws IOException {
    String archive = ledger.archive();
    Path target = base.archive(archive);
    disk.createDirectories(Recovery.directoryOf(target));
    guard.ensureValid();
    journals.write(Journal.replace(ledger, next));
    guard.ensureValid();
    disk.rename(base.staged(archive), target);
    disk.syncDirectory(Recovery.directoryOf(target));
  }

  private Ledger next(
      Ledger ledger, Ledger.Contents contents, List<BatchFile> batches, Merge.Tally tally)
      throws IOException {
    SortedMap<String, String> consumed = new TreeMap<>(ledger.consumed());
    AdoptedMemory.forget(disk, base, consumed);
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
    return ledger.next(contents, consumed, sessions);
  }

  private static MergeOutcome outcome(
      Progress progress, PendingFiles pending, SequenceOrder order) {
    Ledger ledger = progress.ledger;
    List<Quarantine.Item> quarantined = new ArrayList<>(pending.quarantined());
    quarantined.addAll(progress.total.quarantined);
    List<MergeOutcome.Settled> settled = new ArrayList<>(pending.settled());
    for (BatchFile batch : order.held()) {
      settled.remove(new MergeOutcome.Settled(batch.manifest().worker(), batch.manifest().seq()));
    }
    return new MergeOutcome(
        ledger.archive(),
        ledger.epoch(),
        settled,
        pending.missing(),
        progress.total.entries,
        progress.total.bytes,
        progress.total.collapsed,
        progress.total.renamed,
        quarantined,
        order.held().size(),
        order.gaps(),
        progress.rolled,
        ledger.length(),
        ledger.directoryLength());
  }
}
