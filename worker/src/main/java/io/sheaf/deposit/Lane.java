package io.sheaf.deposit;

import io.sheaf.batch.MixedPart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The small entries of one archive, in order. One thread at a time drains it: to a batch of the
 * archive, or, while it has none, the one thread that the {@link MixedLane} has.
 */
final class Lane implements Runnable {
  private final ArchiveBatches archive;
  private final BatchPool pool;
  private final Lanes lanes;
  private final MixedLane mixed;
  private final GroupWriter writer;
  private final Queue<LaneEntry> queue = new ConcurrentLinkedQueue<>();

  /** Whether a thread drains this lane, or will; then whoever adds an entry need not call one. */
  private final AtomicBoolean claimed = new AtomicBoolean();

  Lane(ArchiveBatches archive, BatchPool pool, Lanes lanes, MixedLane mixed, GroupWriter writer) {
    this.archive = archive;
    this.pool = pool;
    this.lanes = lanes;
    this.mixed = mixed;
    this.writer = writer;
  }

  ArchiveBatches archive() {
    return archive;
  }

  /** Queues an entry; true when the caller must have the lane run. */
  boolean add(LaneEntry entry) {
    queue.add(entry);
    return claimed.compareAndSet(false, true);
  }

  /** Has the lane drained, on a thread of the lanes. */
  void start() {
    if (isShared()) {
      mixed.add(this);
    } else {
      lanes.execute(this);
    }
  }

  /** Drains the lane, on this thread where it has a batch of its own. */
  void startHere() {
    if (isShared()) {
      mixed.add(this);
    } else {
      run();
    }
  }

  private boolean isShared() {
    return archive.isShared() && !archive.isOwnRequired();
  }

  @Override
  public void run() {
    for (int i = 0; i < GroupWriter.GROUPS_A_TURN && !queue.isEmpty(); i++) {
      if (!writeGroup()) {
        mixed.add(this); // It has the claim of this lane from here on.
        return;
      }
    }
    release();
  }

  /** Ends the claim, or passes it on when there is more to drain. */
  void release() {
    claimed.set(false);
    // An entry may have been added after the last look and before the claim was dropped.
    if (!queue.isEmpty() && claimed.compareAndSet(false, true)) {
      start();
    }
  }

  /** False when the archive has no batch of its own and gets none now. */
  private boolean writeGroup() {
    @Nullable OpenBatch batch;
    try {
      batch = pool.takeOwn(archive, lanes.isDurableByDefault());
    } catch (IOException e) {
      writer.fail(nextGroup(GroupWriter.ENTRIES), Failures.nothingKept(e));
      return true;
    } catch (RuntimeException | OutOfMemoryError e) {
      writer.fail(nextGroup(GroupWriter.ENTRIES), Failures.mistake(archive.archive(), e));
      return true;
    }
    if (batch == null) {
      return false;
    }
    writer.write(batch, nextGroup(Math.min(GroupWriter.ENTRIES, pool.room(batch))));
    return true;
  }

  private List<LaneEntry> nextGroup(long max) {
    List<LaneEntry> group = new ArrayList<>();
    long bytes = 0;
    while (group.size() < max && bytes < GroupWriter.BYTES) {
      LaneEntry entry = queue.poll();
      if (entry == null) {
        break;
      }
      group.add(entry);
      bytes += entry.length();
    }
    return group;
  }

  /**
   * For who has the claim: moves entries that may be in a batch of several archives to a group, up
   * to so many bytes, and entries in the group; returns the bytes moved.
   */
  long moveTo(List<LaneEntry> group, long maxEntries, long maxBytes) {
    long bytes = 0;
    while (group.size() < maxEntries && bytes < maxBytes) {
      LaneEntry entry = queue.peek();
      if (entry == null || !MixedPart.fits(archive.archive(), entry.name())) {
        break;
      }
      group.add(queue.remove());
      bytes += entry.length();
    }
    return bytes;
  }
}
