package io.sheaf.deposit;

import io.sheaf.batch.Compression;
import io.sheaf.batch.MixedPart;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.conf.Durability;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes groups of small entries: each goes to its batch with one write and, when one of the group
 * asks for it, one sync; then all are answered.
 */
final class GroupWriter {
  static final int ENTRIES = 1_024;
  static final long BYTES = 4 << 20;

  /** After so many groups another lane gets the thread. */
  static final int GROUPS_A_TURN = 16;

  /** Fewer bytes are deflated sooner than other threads wake up. */
  private static final long WORTH_SHARING = 32 << 10;

  private final BatchPool pool;
  private final Lanes lanes;
  private final Compression compression;
  private final boolean uniqueNames;

  GroupWriter(BatchPool pool, Lanes lanes, LaneOptions options) {
    this.pool = pool;
    this.lanes = lanes;
    this.compression = options.compression();
    this.uniqueNames = options.uniqueNames();
  }

  /** Writes a group to a batch, which is given back to the pool. */
  void write(OpenBatch batch, List<LaneEntry> group) {
    List<LaneEntry> taken = uniqueNames ? withoutConflicts(group) : group;
    DepositException failure;
    try {
      failure = append(batch, taken);
    } catch (RuntimeException | OutOfMemoryError e) {
      // A mistake of ours must neither leave a client without an answer nor end the lane.
      failure = Failures.mistake(batch.archive().archive(), e);
      batch.retire();
    }
    pool.give(batch);
    finish(taken, failure);
  }

  /** Answers a group of which nothing was written. */
  void fail(List<LaneEntry> group, DepositException failure) {
    group.forEach(entry -> entry.charge().giveBack());
    finish(group, failure);
  }

  private List<LaneEntry> withoutConflicts(List<LaneEntry> group) {
    List<LaneEntry> taken = new ArrayList<>(group.size());
    List<LaneEntry> refused = new ArrayList<>();
    for (LaneEntry entry : group) {
      (entry.archive().takeName(entry.name(), entry.id()) ? taken : refused).add(entry);
    }
    if (!refused.isEmpty()) {
      fail(refused, Lanes.conflict());
    }
    return taken;
  }

  private @Nullable DepositException append(OpenBatch batch, List<LaneEntry> group) {
    if (group.isEmpty()) {
      return null;
    }
    boolean appended = false;
    try {
      batch.append(prepare(batch, group));
      appended = true;
      keep(batch, group);
    } catch (IOException e) {
      return Failures.nothingKept(e);
    } finally {
      if (!appended) {
        group.forEach(entry -> entry.charge().giveBack());
      }
      if (uniqueNames) {
        group.forEach(
            appended
                ? entry -> batch.keepName(entry.archive(), entry.name())
                : entry -> entry.archive().freeName(entry.name()));
      }
    }
    return sync(batch, group);
  }

  private static void keep(OpenBatch batch, List<LaneEntry> group) {
    for (LaneEntry entry : group) {
      Kept kept = entry.kept();
      if (kept != null) {
        batch.keep(kept);
      }
    }
  }

  /** Deflating is most of the work, so all processors do it; the order stays. */
  private List<PreparedEntry> prepare(OpenBatch batch, List<LaneEntry> group) {
    PreparedEntry[] prepared = new PreparedEntry[group.size()];
    if (compression == Compression.STORED || bytes(group) < WORTH_SHARING) {
      for (int i = 0; i < prepared.length; i++) {
        LaneEntry entry = group.get(i);
        prepared[i] = prepare(pool.part(batch, entry.archive()), entry);
      }
    } else {
      // A part is made where there is none, by this thread alone.
      group.forEach(entry -> pool.part(batch, entry.archive()));
      IntStream.range(0, prepared.length)
          .parallel()
          .forEach(i -> prepared[i] = prepare(batch.part(group.get(i).archive()), group.get(i)));
    }
    return Arrays.asList(prepared);
  }

  private static long bytes(List<LaneEntry> group) {
    return group.stream().mapToLong(LaneEntry::length).sum();
  }

  private PreparedEntry prepare(@Nullable MixedPart part, LaneEntry entry) {
    return PreparedEntry.of(
        part,
        entry.name(),
        entry.modified(),
        entry.attributes(),
        entry.id(),
        entry.contents(),
        compression);
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
      batch.sync(pool.disk(), pool.directory(batch));
      return null;
    } catch (IOException e) {
      return Failures.unknown(e);
    }
  }

  private void finish(List<LaneEntry> group, @Nullable DepositException failure) {
    if (!group.isEmpty()) {
      lanes.finish(group, failure);
    }
  }
}
