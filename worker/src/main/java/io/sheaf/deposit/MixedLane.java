package io.sheaf.deposit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The one way to batches of several archives, for the lanes of archives without a batch of their
 * own. One thread at a time drains the lanes that wait here, in turn: what many of them have queued
 * becomes one group, written at once.
 */
final class MixedLane implements Runnable {
  private final BatchPool pool;
  private final Lanes lanes;
  private final GroupWriter writer;

  /** Lanes that have something queued, each there once; who takes one from here has its claim. */
  private final Queue<Lane> waiting = new ConcurrentLinkedQueue<>();

  /** Whether a thread drains this, or will. */
  private final AtomicBoolean claimed = new AtomicBoolean();

  MixedLane(BatchPool pool, Lanes lanes, GroupWriter writer) {
    this.pool = pool;
    this.lanes = lanes;
    this.writer = writer;
  }

  /** Takes over a lane, with its claim. */
  void add(Lane lane) {
    waiting.add(lane);
    start();
  }

  private void start() {
    if (claimed.compareAndSet(false, true)) {
      lanes.execute(this);
    }
  }

  @Override
  public void run() {
    for (int i = 0; i < GroupWriter.GROUPS_A_TURN && !waiting.isEmpty(); i++) {
      writeGroup();
    }
    claimed.set(false);
    // A lane may have come after the last look and before the claim was dropped.
    if (!waiting.isEmpty()) {
      start();
    }
  }

  private void writeGroup() {
    OpenBatch batch;
    try {
      batch = pool.takeShared(lanes.isDurableByDefault());
    } catch (IOException e) {
      fail(Failures.nothingKept(e));
      return;
    } catch (RuntimeException | OutOfMemoryError e) {
      fail(Failures.mistake("several archives", e));
      return;
    }
    List<LaneEntry> group = new ArrayList<>();
    List<Lane> drained =
        nextGroup(group, Math.min(GroupWriter.ENTRIES, Math.max(1, pool.room(batch))));
    writer.write(batch, group);
    drained.forEach(Lane::release);
  }

  private void fail(DepositException failure) {
    List<LaneEntry> group = new ArrayList<>();
    List<Lane> drained = nextGroup(group, GroupWriter.ENTRIES);
    writer.fail(group, failure);
    drained.forEach(Lane::release);
  }

  private List<Lane> nextGroup(List<LaneEntry> group, long max) {
    List<Lane> drained = new ArrayList<>();
    long bytes = 0;
    while (group.size() < max && bytes < GroupWriter.BYTES) {
      Lane lane = waiting.poll();
      if (lane == null) {
        break;
      }
      bytes += lane.moveTo(group, max, GroupWriter.BYTES - bytes);
      drained.add(lane);
    }
    return drained;
  }
}
