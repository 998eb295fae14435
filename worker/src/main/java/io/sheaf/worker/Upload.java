package io.sheaf.worker;

import io.netty.buffer.ByteBuf;
import io.sheaf.batch.Target;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.EntryStream;
import io.sheaf.deposit.Lanes;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the pieces of a large body from the event loop to a thread that may wait for the disk. At
 * most one thread runs it at a time.
 */
final class Upload implements BodySink, Runnable {
  private static final Logger log = LoggerFactory.getLogger(Upload.class);

  /**
   * Above this the connection is not read; below {@link #LOW} it is again. While memory is short it
   * is read only when nothing is queued.
   */
  static final long HIGH = 2 << 20;

  static final long LOW = 512 << 10;

  private final Lanes lanes;
  private final UploadSlots slots;
  private final Connection connection;
  private final Exchange exchange;
  private final Target target;
  private final Queue<ByteBuf> pieces = new ConcurrentLinkedQueue<>();
  private final AtomicLong queued = new AtomicLong();

  /** Calls to run that are owed. It begins with one, so that nothing runs before the start. */
  private final AtomicInteger work = new AtomicInteger(1);

  private volatile boolean complete;
  private volatile boolean aborted;
  private volatile boolean failed;

  // Of the running thread:
  private @Nullable EntryStream entry;
  private boolean ended;

  Upload(Lanes lanes, UploadSlots slots, Connection connection, Exchange exchange, Target target) {
    this.lanes = lanes;
    this.slots = slots;
    this.connection = connection;
    this.exchange = exchange;
    this.target = target;
  }

  @Override
  public void offer(ByteBuf piece) {
    long bytes = piece.readableBytes();
    queued.addAndGet(bytes);
    lanes.memory().charge(bytes);
    pieces.add(piece);
    schedule();
  }

  @Override
  public void complete() {
    complete = true;
    schedule();
  }

  @Override
  public void abort() {
    aborted = true;
    schedule();
  }

  @Override
  public long queued() {
    return queued.get();
  }

  @Override
  public boolean isFailed() {
    return failed;
  }

  /** Called once there is a slot. */
  void start() {
    slots.execute(this);
  }

  private void schedule() {
    if (work.getAndIncrement() == 0) {
      slots.execute(this);
    }
  }

  @Override
  public void run() {
    int owed = work.get();
    do {
      // Looked at before the queue: pieces offered before the end are then in the queue.
      boolean last = complete;
      boolean stop = aborted;
      writeQueued(stop);
      if (!ended && (stop || last)) {
        finish(stop);
      }
      owed = work.addAndGet(-owed);
    } while (owed != 0);
  }

  private void writeQueued(boolean discard) {
    for (ByteBuf piece = pieces.poll(); piece != null; piece = pieces.poll()) {
      long bytes = piece.readableBytes();
      try {
        if (!ended && !discard) {
          write(piece);
        }
      } finally {
        piece.release();
        lanes.memory().release(bytes);
        long left = queued.addAndGet(-bytes);
        if (left == 0 || (left < LOW && left + bytes >= LOW)) {
          connection.uploadRelieved();
        }
      }
    }
  }

  private void write(ByteBuf piece) {
    try {
      EntryStream to = entry();
      for (ByteBuffer part : piece.nioBuffers()) {
        to.write(part);
      }
    } catch (DepositException e) {
      fail(e);
    } catch (RuntimeException e) {
      failByMistake(e);
    }
  }

  private EntryStream entry() throws DepositException {
    EntryStream open = entry;
    if (open == null) {
      open =
          lanes.stream(
              target,
              exchange.uid,
              exchange.modified,
              exchange.attributes,
              exchange.id,
              exchange.length,
              exchange.durability);
      entry = open;
    }
    return open;
  }

  private void finish(boolean stop) {
    if (stop) {
      EntryStream open = entry;
      if (open != null) {
        open.abort();
      }
      end(new DepositException(DepositException.Kind.FAILED, "the request was cut off"));
      return;
    }
    try {
      entry().commit();
      end(null);
    } catch (DepositException e) {
      fail(e);
    } catch (RuntimeException e) {
      failByMistake(e);
    }
  }

  /** A mistake of ours must not leave the client without an answer. */
  private void failByMistake(RuntimeException e) {
    log.error("an upload to {} could not be written", target.archive(), e);
    EntryStream open = entry;
    if (open != null) {
      open.abort();
    }
    fail(
        new DepositException(
            DepositException.Kind.FAILED, "a mistake in the worker, see its log: " + e, e));
  }

  private void fail(DepositException reason) {
    failed = true;
    end(reason);
  }

  private void end(@Nullable DepositException failure) {
    ended = true;
    entry = null;
    slots.leave();
    exchange.done(failure);
    exchange.groupDone();
    connection.uploadRelieved();
  }
}
