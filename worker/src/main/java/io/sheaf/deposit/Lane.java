package io.sheaf.deposit;

import io.sheaf.batch.Compression;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.conf.Durability;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The small entries of one archive, in order. One thread at a time drains it: everything queued
 * goes to the batch with one write and, when one of the group asks for it, one sync.
 */
final class Lane implements Runnable {
  private static final int GROUP_ENTRIES = 1_024;
  private static final long GROUP_BYTES = 4 << 20;

  /** After so many groups another lane gets the thread. */
  private static final int GROUPS_A_TURN = 16;

  private final ArchiveBatches archive;
  private final BatchPool pool;
  private final Lanes lanes;
  private final Compression compression;
  private final boolean uniqueNames;
  private final Queue<LaneEntry> queue = new ConcurrentLinkedQueue<>();

  /** Whether a thread drains this lane, or will; then whoever adds an entry need not call one. */
  private final AtomicBoolean claimed = new AtomicBoolean();

  Lane(ArchiveBatches archive, BatchPool pool, Lanes lanes, LaneOptions options) {
    this.archive = archive;
    this.pool = pool;
    this.lanes = lanes;
    this.compression = options.compression();
    this.uniqueNames = options.uniqueNames();
  }

  ArchiveBatches archive() {
    return archive;
  }

  /** Queues an entry; true when the caller must have the lane run. */
  boolean add(LaneEntry entry) {
    queue.add(entry);
    return claimed.compareAndSet(false, true);
  }

  @Override
  public void run() {
    for (int i = 0; i < GROUPS_A_TURN && !queue.isEmpty(); i++) {
      writeGroup();
    }
    claimed.set(false);
    // An entry may have been added after the last look and before the claim was dropped.
    if (!queue.isEmpty() && claimed.compareAndSet(false, true)) {
      lanes.execute(this);
    }
  }

  private void writeGroup() {
    OpenBatch batch;
    try {
      batch = pool.take(archive, lanes.isDurableByDefault());
    } catch (IOException e) {
      finish(nextGroup(GROUP_ENTRIES), Failures.nothingKept(e));
      return;
    } catch (RuntimeException | OutOfMemoryError e) {
      finish(nextGroup(GROUP_ENTRIES), Failures.mistake(archive.archive(), e));
      return;
    }
    List<LaneEntry> group = nextGroup(Math.min(GROUP_ENTRIES, pool.room(batch)));
    List<LaneEntry> taken = uniqueNames ? withoutConflicts(group) : group;
    DepositException failure;
    try {
      failure = write(batch, taken);
    } catch (RuntimeException | OutOfMemoryError e) {
      // A mistake of ours must neither leave a client without an answer nor end the lane.
      failure = Failures.mistake(archive.archive(), e);
      batch.retire();
    }
    pool.give(batch);
    finish(taken, failure);
  }

  private List<LaneEntry> nextGroup(long max) {
    List<LaneEntry> group = new ArrayList<>();
    long bytes = 0;
    while (group.size() < max && bytes < GROUP_BYTES) {
      LaneEntry entry = queue.poll();
      if (entry == null) {
        break;
      }
      group.add(entry);
      bytes += entry.length();
    }
    return group;
  }

  private List<LaneEntry> withoutConflicts(List<LaneEntry> group) {
    List<LaneEntry> taken = new ArrayList<>(group.size());
    List<LaneEntry> refused = new ArrayList<>();
    for (LaneEntry entry : group) {
      (archive.takeName(entry.name()) ? taken : refused).add(entry);
    }
    if (!refused.isEmpty()) {
      finish(refused, Lanes.conflict());
    }
    return taken;
  }

  private @Nullable DepositException write(OpenBatch batch, List<LaneEntry> group) {
    if (group.isEmpty()) {
      return null;
    }
    boolean appended = false;
    try {
      batch.append(prepare(group));
      appended = true;
    } catch (IOException e) {
      return Failures.nothingKept(e);
    } finally {
      if (uniqueNames) {
        group.forEach(
            appended
                ? entry -> batch.keepName(entry.name())
                : entry -> archive.freeName(entry.name()));
      }
    }
    return sync(batch, group);
  }

  private List<PreparedEntry> prepare(List<LaneEntry> group) {
    List<PreparedEntry> prepared = new ArrayList<>(group.size());
    for (LaneEntry entry : group) {
      prepared.add(PreparedEntry.of(entry.name(), entry.modified(), entry.contents(), compression));
    }
    return prepared;
  }

  private @Nullable DepositException sync(OpenBatch batch, List<LaneEntry> group) {
    for (LaneEntry entry : group) {
      if (entry.durability() == Durability.FSYNC) {
        return syncOnce(batch);
      }
    }
    return null;
  }

  private @Nullable DepositException syncOnce(OpenBatch batch) {
    try {
      batch.sync(pool.disk(), pool.directory(archive));
      return null;
    } catch (IOException e) {
      return Failures.unknown(e);
    }
  }

  private void finish(List<LaneEntry> group, @Nullable DepositException failure) {
    if (!group.isEmpty()) {
      lanes.finish(archive.archive(), group, failure);
    }
  }
}
