package io.sheaf.worker;

import io.netty.buffer.ByteBuf;
import io.sheaf.deposit.MemoryBudget;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A body as a stream, for a thread that may wait: the event loop puts pieces in, and one thread
 * reads. What waits is charged to the memory budget.
 */
final class BodyPipe extends InputStream implements BodySink {
  /** So much is worth waking the reader for. */
  private static final long ENOUGH = Integer.getInteger("g.enough", 64 << 10);

  /** Milliseconds for which the reader waits for so much, before it takes less. */
  private static final long PATIENCE = Integer.getInteger("g.pat", 1);

  private final MemoryBudget memory;
  private final Runnable relieved;
  private final Runnable starving;
  private final Queue<ByteBuf> pieces = new ArrayDeque<>();
  private @Nullable ByteBuf current;
  private long queued;
  private boolean awaited;

  /** The reader waits for whatever comes. */
  private boolean anything;

  private boolean complete;
  private boolean aborted;
  private boolean closed;

  /**
   * @param relieved told when more should come, after it did not
   * @param starving told before the reader waits
   */
  BodyPipe(MemoryBudget memory, Runnable relieved, Runnable starving) {
    this.memory = memory;
    this.relieved = relieved;
    this.starving = starving;
  }

  @Override
  public synchronized void offer(ByteBuf piece) {
    if (closed) {
      piece.release();
      return;
    }
    queued += piece.readableBytes();
    memory.charge(piece.readableBytes());
    pieces.add(piece);
    if (anything || queued >= ENOUGH) {
      notifyAll();
    }
  }

  @Override
  public synchronized void complete() {
    complete = true;
    notifyAll();
  }

  @Override
  public synchronized void abort() {
    aborted = true;
    notifyAll();
  }

  @Override
  public synchronized long queued() {
    return queued;
  }

  @Override
  public synchronized boolean isBehind(long limit) {
    awaited = queued >= limit;
    return awaited;
  }

  @Override
  public synchronized boolean isFailed() {
    return closed;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    ByteBuf from = next();
    if (from == null) {
      return -1;
    }
    int n = Math.min(length, from.readableBytes());
    from.readBytes(target, offset, n);
    taken(n);
    return n;
  }

  /** The piece to read from; null at the end. */
  private @Nullable ByteBuf next() throws IOException {
    ByteBuf open = current;
    if (open != null && open.isReadable()) {
      return open;
    }
    dropCurrent();
    ByteBuf piece = poll();
    while (piece == null) {
      if (isAtEnd()) {
        return null;
      }
      starving.run();
      piece = awaitPiece();
    }
    current = piece;
    return piece.isReadable() ? piece : next();
  }

  private synchronized boolean isAtEnd() throws IOException {
    if (aborted) {
      throw new IOException("the request was cut off");
    }
    return complete && pieces.isEmpty();
  }

  private synchronized @Nullable ByteBuf poll() {
    return aborted ? null : pieces.poll();
  }

  /**
   * Tar writes 10 KiB at a time. Woken for each, the reader would cost more than what it does; so
   * it waits for more, but not for long.
   */
  private synchronized @Nullable ByteBuf awaitPiece() throws IOException {
    try {
      if (queued < ENOUGH && !complete && !aborted) {
        wait(PATIENCE);
      }
      anything = true;
      while (pieces.isEmpty() && !complete && !aborted) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      anything = false;
    }
    return poll();
  }

  private void dropCurrent() {
    ByteBuf old = current;
    current = null;
    if (old != null) {
      old.release();
    }
  }

  private void taken(long bytes) {
    memory.release(bytes);
    boolean tell;
    synchronized (this) {
      queued -= bytes;
      tell = awaited && queued < Upload.LOW;
      awaited &= !tell;
    }
    if (tell) { // Never for nothing: that would wake a thread for each piece.
      relieved.run();
    }
  }

  /** Lets go of what waits; what comes later is let go at once. */
  @Override
  public void close() {
    long rest;
    synchronized (this) {
      closed = true;
      pieces.forEach(ByteBuf::release);
      pieces.clear();
      rest = queued;
      queued = 0;
    }
    memory.release(rest);
    dropCurrent();
    relieved.run();
  }
}
