package io.sheaf.deposit;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.BatchWriter.Origin;
import io.sheaf.batch.MixedPart;
import io.sheaf.disk.Disk;
import io.sheaf.tree.Manifest;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All open batches of a worker. A lane takes one for each group of entries, an upload one for as
 * long as it lasts; those that are full or old go to the {@link Sealer}.
 *
 * <p>So many archives have batches of their own as may be open. All others share: their entries go
 * to batches that hold parts of several. There is one of these, and for a time another for each
 * upload that has one alone. An archive with a part in an open one stays with sharing until that is
 * closed, so that its entries are merged in their order.
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

  /** Counts the batches that hold parts of several archives, and has those that are idle. */
  private final ArchiveBatches sharing = new ArchiveBatches(Manifest.MIXED);

  /** Idle batches, the one that has not been used for longest first. */
  private final Set<OpenBatch> idle = new LinkedHashSet<>();

  private final Set<OpenBatch> inUse = new HashSet<>();

  /** Batches of one archive that are open, or about to be. */
  private int own;

  /** Batches taken out of both sets that the sealer does not have yet. */
  private final Set<OpenBatch> onTheirWay = new HashSet<>();

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

  /** An open batch for an entry of the archive, the caller's alone until {@link #give}. */
  OpenBatch take(ArchiveBatches archive, boolean durable) throws IOException {
    OpenBatch own = takeOwn(archive, durable);
    return own != null ? own : takeShared(durable);
  }

  /** As {@link #take}, of that archive only; null when it has to share one. */
  @Nullable OpenBatch takeOwn(ArchiveBatches archive, boolean durable) throws IOException {
    OpenBatch found;
    synchronized (this) {
      if (archive.isShared() && !archive.isOwnRequired()) {
        return null;
      }
      found = takeIdle(archive);
      if (found != null) {
        return found;
      }
      if (own >= options.maxOpen() && !archive.isOwnRequired()) {
        return null;
      }
      own++;
    }
    boolean opened = false;
    try {
      found = openAnother(archive, durable);
      opened = true;
    } finally {
      if (!opened) {
        dropOwn();
      }
    }
    return found;
  }

  private synchronized void dropOwn() {
    own--;
  }

  /** An open batch of several archives, the caller's alone until {@link #give}. */
  OpenBatch takeShared(boolean durable) throws IOException {
    OpenBatch found;
    synchronized (this) {
      found = takeIdle(sharing);
    }
    return found != null ? found : openAnother(sharing, durable);
  }

  /** The part that an archive has in a batch which the caller has; null in one of its own. */
  @Nullable MixedPart part(OpenBatch batch, ArchiveBatches archive) {
    MixedPart known = batch.part(archive);
    if (known != null || !batch.isShared()) {
      return known;
    }
    synchronized (this) {
      MixedPart part = new MixedPart(archive.archive(), archive.nextSeq());
      batch.addPart(archive, part);
      archive.share(1);
      return part;
    }
  }

  private @Nullable OpenBatch takeIdle(ArchiveBatches archive) {
    OpenBatch found = archive.pollIdle();
    if (found != null) {
      idle.remove(found);
      inUse.add(found);
    }
    return found;
  }

  private OpenBatch openAnother(ArchiveBatches archive, boolean durable) throws IOException {
    sealer.awaitRoom(options.maxOpen());
    OpenBatch opened = open(archive, durable);
    synchronized (this) {
      inUse.add(opened);
    }
    return opened;
  }

  private OpenBatch open(ArchiveBatches archive, boolean durable) throws IOException {
    for (int attempt = 1; ; attempt++) {
      long seq = nextSeq(archive);
      Origin origin = new Origin(session, worker, archive.archive(), seq);
      try {
        BatchWriter writer =
            BatchWriter.open(disk, base, origin, options.compression(), durable, clock);
        return new OpenBatch(writer, archive, isSharing(archive), durable);
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

  @SuppressWarnings("ReferenceEquality") // there is one
  private boolean isSharing(ArchiveBatches archive) {
    return archive == sharing;
  }

  private synchronized long nextSeq(ArchiveBatches archive) {
    return archive.nextSeq();
  }

  private synchronized void returnSeq(ArchiveBatches archive, long seq) {
    archive.returnSeq(seq);
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
      onTheirWay.add(batch);
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
    retire(this::isAged, batch -> false);
  }

  /** Closes every batch: the idle ones now, those in use when they are given back. */
  void retireAll() {
    retire(batch -> true, batch -> true);
  }

  /** Closes the batches that have something of an archive, as {@link #retireAll} does all. */
  void retire(String archive) {
    retire(batch -> batch.holds(archive), batch -> batch.holds(archive));
  }

  private void retire(Predicate<OpenBatch> ofIdle, Predicate<OpenBatch> ofInUse) {
    List<OpenBatch> retired = new ArrayList<>();
    synchronized (this) {
      inUse.stream().filter(ofInUse).forEach(OpenBatch::retire);
      for (Iterator<OpenBatch> each = idle.iterator(); each.hasNext(); ) {
        OpenBatch batch = each.next();
        if (ofIdle.test(batch)) {
          each.remove();
          batch.archive().removeIdle(batch);
          retired.add(batch);
        }
      }
      onTheirWay.addAll(retired);
    }
    retired.forEach(this::handOver);
  }

  /** After {@link #retireAll}: waits until the sealer has every batch; false when time ran out. */
  synchronized boolean awaitEmpty(Duration timeout) {
    return Waiting.until(
        this, () -> idle.isEmpty() && inUse.isEmpty() && onTheirWay.isEmpty(), timeout);
  }

  /** The batches that have something of an archive and are not sealed, or about to be. */
  synchronized List<BatchWriter> open(String archive) {
    return Stream.of(idle, inUse, onTheirWay)
        .flatMap(Set::stream)
        .filter(batch -> batch.holds(archive))
        .map(OpenBatch::writer)
        .toList();
  }

  /** All of them. */
  synchronized List<BatchWriter> open() {
    return Stream.of(idle, inUse, onTheirWay).flatMap(Set::stream).map(OpenBatch::writer).toList();
  }

  /** Waits until the sealer has these; false when time ran out. */
  synchronized boolean awaitGone(Collection<BatchWriter> writers, Duration timeout) {
    return Waiting.until(this, () -> Collections.disjoint(open(), writers), timeout);
  }

  private void handOver(OpenBatch batch) {
    try {
      seal(batch);
    } finally {
      synchronized (this) {
        onTheirWay.remove(batch);
        notifyAll();
      }
    }
  }

  private void seal(OpenBatch batch) {
    leave(batch);
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

  /** What the batch held of its archives is free: names, a place, numbers that it did not need. */
  private synchronized void leave(OpenBatch batch) {
    batch.freeNames();
    if (!batch.isShared()) {
      own--;
    }
    batch
        .parts()
        .forEach(
            (archive, part) -> {
              archive.share(-1);
              if (part.entries() == 0) {
                archive.returnSeq(part.seq());
              }
            });
  }

  Disk disk() {
    return disk;
  }

  /** Where a batch lies. */
  Path directory(OpenBatch batch) {
    return base.inbox(batch.archive().archive());
  }

  synchronized int size() {
    return idle.size() + inUse.size();
  }
}
