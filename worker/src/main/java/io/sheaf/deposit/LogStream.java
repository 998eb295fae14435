package io.sheaf.deposit;

import io.sheaf.batch.SegmentHead;
import io.sheaf.batch.SegmentKey;
import io.sheaf.batch.Target;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.zip.Attributes;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A log that a client appends to. Nothing here waits for the disk: what is appended is in memory
 * first, then in an append log, and when the log ends, or is cut, an entry.
 *
 * <p>Offsets are those of the whole log, however many entries it becomes.
 */
public final class LogStream {
  /** Told of a stream, by any thread: do little, never wait. */
  public interface Listener {
    /** More of it is safe. */
    default void progress() {}

    /** It is {@link #isBehind} no more. */
    default void relieved() {}

    /**
     * It has ended: with all of it in entries that have their durability, or with a failure, after
     * which {@link #safe} says what is kept. Told again when more fails.
     */
    void ended(@Nullable DepositException failure);

    /** Another connection goes on with it. */
    default void replaced() {}
  }

  private static final Listener NOBODY = failure -> {};

  private final AppendStreams streams;
  private final LogRequest request;
  private final ArchiveBatches archive;
  private final QuotaCharge charge;
  private final Durability durability;
  private final LineTail tail;
  private final long number;
  private final AtomicLong pending = new AtomicLong();
  private volatile Listener listener;
  private volatile boolean watched;
  private volatile long received;
  private volatile long written;
  private volatile long synced;
  private volatile @Nullable DepositException failure;

  // Under the lock on this:
  private @Nullable AppendSegment segment;
  private long skip;
  private int next;
  private int segments;
  private int entries;
  private int finishing;
  private boolean ended;
  private boolean done;

  /** Something that was appended could not be written, or not be made an entry at once. */
  private boolean damaged;

  private long lostAt = Long.MAX_VALUE;

  LogStream(
      AppendStreams streams,
      LogRequest request,
      ArchiveBatches archive,
      QuotaCharge charge,
      Durability durability,
      long number,
      Listener listener) {
    this.streams = streams;
    this.request = request;
    this.archive = archive;
    this.charge = charge;
    this.durability = durability;
    this.number = number;
    this.listener = listener;
    this.tail = streams.newTail();
    this.received = request.from();
    this.written = request.from();
    this.synced = request.from();
    this.next = request.first();
  }

  LogRequest request() {
    return request;
  }

  String worker() {
    return streams.worker();
  }

  boolean isDurable() {
    return durability == Durability.FSYNC;
  }

  Durability durability() {
    return durability;
  }

  ArchiveBatches archive() {
    return archive;
  }

  /**
   * Appends; the buffer may be used again when this returns. Nothing once it has ended, or another
   * connection goes on with it: what the old one still had unread, the new one sends again.
   */
  public synchronized void append(Listener by, ByteBuffer bytes) {
    if (isReplaced(by)) {
      return;
    }
    if (skip > 0) {
      int n = (int) Math.min(skip, bytes.remaining());
      bytes.position(bytes.position() + n);
      skip -= n;
    }
    try {
      if (!ended && bytes.hasRemaining()) {
        charge.take(bytes.remaining(), 0);
        put(bytes);
      }
    } catch (DepositException e) {
      fail(e);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  private void put(ByteBuffer bytes) throws DepositException {
    long now = streams.millis();
    SegmentRule rule = request.rule();
    while (bytes.hasRemaining()) {
      AppendSegment to = segment(now);
      long room = rule.bytes() == 0 ? Long.MAX_VALUE : rule.bytes() - to.size;
      ByteBuffer piece = bytes.duplicate();
      piece.limit(piece.position() + (int) Math.min(room, piece.remaining()));
      int n = piece.remaining();
      streams.checkSize(to.size + n);
      if (!rule.isNone()) {
        tail.track(piece);
      }
      to.time = now;
      streams.queue().data(to, to.size, piece);
      to.size += n;
      received += n;
      bytes.position(bytes.position() + n);
      if (n == room) {
        cut(now);
      }
    }
    if (durability == Durability.NONE) {
      listener.progress();
    }
  }

  private AppendSegment segment(long now) throws DepositException {
    AppendSegment open = segment;
    if (open == null) {
      open = open(now, AppendStreams.NO_CUT, ByteBuffer.allocate(0));
      segment = open;
    }
    return open;
  }

  /**
   * Opens the next segment.
   *
   * @param cut at which the one before ends
   * @param carried what it had after that
   */
  private AppendSegment open(long now, long cut, ByteBuffer carried) throws DepositException {
    Target target = request.target();
    String name = SegmentRule.nameOf(target.entry(), next);
    SegmentKey key = new SegmentKey(number, segments);
    if (segments > 0) {
      charge.take(0, 1);
    }
    if (streams.isUnique() && !archive.takeName(name, key.id(streams.worker()))) {
      throw Lanes.conflict();
    }
    Attributes attributes = request.attributes() == null ? Attributes.FILE : request.attributes();
    Long modified = request.modified() == DepositOptions.NOW ? null : request.modified();
    SegmentHead head =
        new SegmentHead(
            target.archive(),
            name,
            modified,
            attributes.mode(),
            attributes.uid(),
            attributes.gid());
    AppendSegment opened =
        new AppendSegment(this, streams.keeper(), key, head, received - carried.remaining(), now);
    opened.size = carried.remaining();
    streams.queue().open(opened, cut, head.encode(carried), carried.remaining());
    segments++;
    next++;
    return opened;
  }

  /** Ends the segment after its last line feed, if one is near; what follows begins the next. */
  private void cut(long now) throws DepositException {
    AppendSegment full = segment;
    if (full == null) {
      return;
    }
    ByteBuffer carried = tail.bytes();
    segment = null;
    if (carried.hasRemaining() && carried.remaining() < full.size) {
      long end = full.size - carried.remaining();
      try {
        segment = open(now, end, carried);
      } catch (DepositException e) {
        finish(full, full.size);
        throw e;
      }
      finish(full, end);
    } else {
      finish(full, full.size);
      tail.forget();
    }
  }

  private void finish(AppendSegment full, long length) {
    finishing++;
    streams.finish(full, length);
  }

  /** Cuts the log when its segment is old enough. */
  synchronized void cutIfOld(long now) {
    AppendSegment open = segment;
    long age = request.rule().millis();
    if (age > 0 && !ended && open != null && open.size > 0 && now - open.opened >= age) {
      try {
        cut(now);
      } catch (DepositException e) {
        fail(e);
      }
    }
  }

  /** Ends the log, unless another connection goes on with it: what was appended becomes entries. */
  public synchronized void end(Listener by) {
    if (!isReplaced(by)) {
      endWith(null);
    }
  }

  @SuppressWarnings("ReferenceEquality") // each connection is one
  private boolean isReplaced(Listener by) {
    return listener != by;
  }

  private void endWith(@Nullable DepositException reason) {
    if (!ended) {
      ended = true;
      failure = reason;
      AppendSegment open = segment;
      segment = null;
      tail.forget();
      if (open != null) {
        finish(open, open.size);
      }
      tellIfDone();
    }
  }

  /** Ends it at once, from outside; the client hears why when all is in entries. */
  synchronized void stop(DepositException reason) {
    endWith(reason);
  }

  /** Ends it where it is. */
  private void fail(DepositException reason) {
    endWith(reason);
    listener.ended(reason);
  }

  /** What was appended last could not be written. */
  synchronized void failed(DepositException reason) {
    damaged = true;
    if (ended && failure == null) {
      failure = reason;
    }
    fail(reason);
  }

  boolean hasFailed() {
    return failure != null;
  }

  /** The connection is lost: a log that has an id stays open for a while, others end. */
  public synchronized void lost(Listener by) {
    if (isReplaced(by)) {
      return;
    }
    listener = NOBODY;
    if (request.id() != null && streams.waitsForLost() && !ended) {
      lostAt = streams.millis();
    } else {
      endWith(null);
    }
  }

  synchronized void endIfLost(long before) {
    if (lostAt <= before) {
      endWith(null);
    }
  }

  /** Another connection goes on from an offset; false when it has ended. */
  synchronized boolean takeOver(Listener by, long from) throws DepositException {
    if (ended) {
      return false;
    }
    if (from > received) {
      throw new DepositException(
          Kind.REFUSED, "this log ends at " + received + " here, and cannot go on from " + from);
    }
    listener.replaced();
    listener = by;
    lostAt = Long.MAX_VALUE;
    skip = received - from;
    return true;
  }

  /** So much of what comes first is here already. */
  void skip(long bytes) {
    skip = bytes;
  }

  /** The number of the entry after those that it became. */
  synchronized int next() {
    return next;
  }

  // The writer's thread and others:

  void charge(int bytes) {
    pending.addAndGet(bytes);
  }

  void release(int bytes) {
    long left = pending.addAndGet(-bytes);
    boolean relieved = left == 0 || (left < AppendStreams.LOW && left + bytes >= AppendStreams.LOW);
    if (relieved && watched) {
      watched = false;
      listener.relieved();
    }
  }

  void written(long offset) {
    written = offset;
    if (durability == Durability.WRITE) {
      listener.progress();
    }
  }

  void synced(long offset) {
    if (!hasFailed()) {
      synced = offset;
      listener.progress();
    }
  }

  /** A segment is an entry now, or has nothing. */
  synchronized void finished(AppendSegment of, boolean entry, @Nullable DepositException reason) {
    finishing--;
    entries += entry ? 1 : 0;
    freeName(of);
    streams.finished(of);
    if (reason != null) {
      damaged = true;
      failure = failure == null ? reason : failure;
    }
    tellIfDone();
  }

  private void freeName(AppendSegment of) {
    if (streams.isUnique()) {
      archive.freeName(of.head.entry());
    }
  }

  /** A segment could not be made an entry now; it will be tried again. */
  synchronized void delayed(DepositException reason) {
    damaged = true;
    if (failure == null) {
      failure = reason;
    }
    listener.ended(reason);
  }

  private void tellIfDone() {
    if (ended && finishing == 0 && !done) {
      done = true;
      streams.done(this, segments == 0 ? charge : null);
      listener.ended(failure);
    }
  }

  /** Bytes that are in memory only; while they are many the client should not be read. */
  public boolean isBehind(long limit) {
    if (pending.get() < limit) {
      return false;
    }
    watched = true;
    return pending.get() >= limit;
  }

  /** Up to which offset the log has the durability that was asked for. */
  public synchronized long safe() {
    if (done && !damaged) {
      return received;
    }
    return switch (durability) {
      case NONE -> received;
      case WRITE -> written;
      case FSYNC -> synced;
    };
  }

  /** How many entries it has become. */
  public synchronized int entries() {
    return entries;
  }

  /** Up to which offset it is in entries, or will be. */
  synchronized long kept() {
    return damaged ? written : received;
  }

  synchronized boolean isOver() {
    return ended;
  }
}
