package io.sheaf.deposit;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.BatchWriter.Origin;
import io.sheaf.disk.Disk;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All open batches of a worker. A lane takes one for each group of entries, an upload one for as
 * long as it lasts; those that are full, old or too many go to the {@link Sealer}.
 */
final class BatchPool {
  private static final int MAX_ATTEMPTS = 16;

  /** Central directories are kept in the heap until their batch is sealed. */
  private static final long DIRECTORY_BYTES =
      Math.max(1 << 20, Runtime.getRuntime().maxMemory() / 32);

  private final Disk disk;
  private final BaseDirectory base;
  private final String session;
  private final String worker;
  private final LaneOptions options;
  private final Clock clock;
  private final Sealer sealer;

  /** Idle batches, the one that has not been used for longest first. */
  private final Set<OpenBatch> idle = new LinkedHashSet<>();

  private final Set<OpenBatch> inUse = new HashSet<>();

  /** Batches taken out of both sets that the sealer does not have yet. */
  private int onTheirWay;

  BatchPool(
      Disk disk,
      BaseDirectory base,
      String session,
      String worker,
      LaneOptions options,
      Clock clock,
      Sealer sealer) {
    this.disk = disk;
    this.base = base;
    this.session = session;
    this.worker = worker;
    this.options = options;
    this.clock = clock;
    this.sealer = sealer;
  }

  /** An open batch of the archive, the caller's alone until {@link #give}. */
  OpenBatch take(ArchiveBatches archive, boolean durable) throws IOException {
    OpenBatch found = takeIdle(archive);
    if (found != null) {
      return found;
    }
    sealer.awaitRoom(options.maxOpen());
    OpenBatch opened = open(archive, durable);
    makeRoom(opened);
    return opened;
  }

  private synchronized @Nullable OpenBatch takeIdle(ArchiveBatches archive) {
    OpenBatch found = archive.pollIdle();
    if (found != null) {
      idle.remove(found);
      inUse.add(found);
    }
    return found;
  }

  private OpenBatch open(ArchiveBatches archive, boolean durable) throws IOException {
    for (int attempt = 1; ; attempt++) {
      long seq = nextSeq(archive);
      Origin origin = new Origin(session, worker, archive.archive(), seq);
      try {
        BatchWriter writer =
            BatchWriter.open(disk, base, origin, options.compression(), durable, clock);
        return new OpenBatch(writer, archive, durable);
      } catch (FileAlreadyExistsException e) {
        // What an open left behind when it failed half way: salvage has it, we go on.
        if (attempt == MAX_ATTEMPTS) {
          throw e;
        }
      } catch (IOException e) {
        returnSeq(archive, seq);
        throw e;
      }
    }
  }

  private synchronized long nextSeq(ArchiveBatches archive) {
    return archive.nextSeq();
  }

  private synchronized void returnSeq(ArchiveBatches archive, long seq) {
    archive.returnSeq(seq);
  }

  /** Those in use cannot be closed: for a moment there may be some more than the limit. */
  private void makeRoom(OpenBatch opened) {
    List<OpenBatch> evicted = new ArrayList<>();
    synchronized (this) {
      inUse.add(opened);
      Iterator<OpenBatch> oldest = idle.iterator();
      for (int n = idle.size() + inUse.size(); n > options.maxOpen() && oldest.hasNext(); n--) {
        OpenBatch batch = oldest.next();
        oldest.remove();
        batch.archive().removeIdle(batch);
        evicted.add(batch);
      }
      onTheirWay += evicted.size();
    }
    evicted.forEach(this::handOver);
  }

  /** Gives a batch back; seals it when it is full, old, broken or retired. */
  void give(OpenBatch batch) {
    boolean full = isFull(batch) || isAged(batch);
    synchronized (this) {
      inUse.remove(batch);
      if (!full && !batch.isRetired()) {
        batch.archive().addIdle(batch);
        idle.add(batch);
        return;
      }
      onTheirWay++;
    }
    handOver(batch);
  }

  /** How many entries the batch may still get. */
  long room(OpenBatch batch) {
    return options.rotateEntries() - batch.writer().entries();
  }

  private boolean isFull(OpenBatch batch) {
    BatchWriter writer = batch.writer();
    return writer.isBroken()
        || writer.length() >= options.rotateBytes()
        || writer.entries() >= options.rotateEntries()
        || writer.directoryBytes() >= DIRECTORY_BYTES;
  }

  private boolean isAged(OpenBatch batch) {
    return clock.millis() - batch.writer().opened() >= options.rotateInterval().toMillis();
  }

  void retireAged() {
    retireIdle(false);
  }

  /** Closes every batch: the idle ones now, those in use when they are given back. */
  void retireAll() {
    retireIdle(true);
  }

  private void retireIdle(boolean all) {
    List<OpenBatch> retired = new ArrayList<>();
    synchronized (this) {
      if (all) {
        inUse.forEach(OpenBatch::retire);
      }
      for (Iterator<OpenBatch> each = idle.iterator(); each.hasNext(); ) {
        OpenBatch batch = each.next();
        if (all || isAged(batch)) {
          each.remove();
          batch.archive().removeIdle(batch);
          retired.add(batch);
        }
      }
      onTheirWay += retired.size();
    }
    retired.forEach(this::handOver);
  }

  /** After {@link #retireAll}: waits until the sealer has every batch; false when time ran out. */
  synchronized boolean awaitEmpty(Duration timeout) {
    return Waiting.until(this, () -> idle.isEmpty() && inUse.isEmpty() && onTheirWay == 0, timeout);
  }

  private void handOver(OpenBatch batch) {
    try {
      seal(batch);
    } finally {
      synchronized (this) {
        onTheirWay--;
        notifyAll();
      }
    }
  }

  private void seal(OpenBatch batch) {
    batch.archive().freeNames(batch);
    if (batch.writer().entries() > 0) {
      sealer.seal(batch.writer());
      return;
    }
    try {
      batch.writer().abandon();
      returnSeq(batch.archive(), batch.writer().origin().seq());
    } catch (IOException e) {
      // An empty batch that stays behind holds nothing; its number is not used again.
    }
  }

  Disk disk() {
    return disk;
  }

  Path directory(ArchiveBatches archive) {
    return base.inbox(archive.archive());
  }

  synchronized int size() {
    return idle.size() + inUse.size();
  }
}
