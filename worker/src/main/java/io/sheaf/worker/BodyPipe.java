package io.sheaf.worker;

import io.netty.buffer.ByteBuf;
import io.sheaf.deposit.MemoryBudget;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A body as a stream, for a thread that may wait: the event loop puts pieces in, and one thread
 * reads. What waits is charged to the memory budget.
 *
 * <p>Tar writes 10 KiB at a time. Woken for each, the reader would cost more than what it does, so
 * it gets much at once, or what has come within a moment.
 */
final class BodyPipe extends InputStream implements BodySink {
  /** So much is worth waking the reader for. */
  private static final int ENOUGH = 128 << 10;

  /** Milliseconds for which the reader waits for so much, before it takes less. */
  private static final long PATIENCE = 1;

  /** The first part of a body is as long as what comes, the next are longer, up to enough. */
  private static final int SHORTEST = 4 << 10;

  private static final int SPARE = 4;

  private final MemoryBudget memory;
  private final Runnable relieved;
  private final Runnable starving;
  private final Deque<Part> parts = new ArrayDeque<>();
  private final Deque<Part> spare = new ArrayDeque<>();
  private @Nullable Part current;
  private int nextLength = SHORTEST;
  private long queued;
  private boolean awaited;

  /** The reader waits for whatever comes. */
  private boolean anything;

  private boolean complete;
  private boolean aborted;
  private boolean closed;

  /** Bytes of a body, of one side at a time. */
  private static final class Part {
    private final byte[] bytes;
    private int from;
    private int to;

    Part(int length) {
      bytes = new byte[length];
    }

    int room() {
      return bytes.length - to;
    }

    int readable() {
      return to - from;
    }
  }

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
  public void offer(ByteBuf piece) {
    try {
      take(piece);
    } finally {
      piece.release();
    }
  }

  private synchronized void take(ByteBuf piece) {
    if (closed) {
      return;
    }
    queued += piece.readableBytes();
    memory.charge(piece.readableBytes());
    while (piece.isReadable()) {
      Part last = roomFor(piece.readableBytes());
      int n = Math.min(piece.readableBytes(), last.room());
      piece.readBytes(last.bytes, last.to, n);
      last.to += n;
    }
    wakeReader();
  }

  private Part roomFor(int bytes) {
    Part last = parts.peekLast();
    if (last == null || last.room() == 0) {
      last = spare.poll();
      if (last == null) {
        last = new Part(Math.min(ENOUGH, Math.max(bytes, nextLength)));
        nextLength = Math.min(ENOUGH, 2 * nextLength);
      }
      parts.add(last);
    }
    return last;
  }

  private void wakeReader() {
    if (anything || isEnough()) {
      notifyAll();
    }
  }

  /** Whether the reader should take what there is; more may not come before it does. */
  private boolean isEnough() {
    return queued >= ENOUGH || awaited || complete || aborted;
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
    wakeReader();
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
    Part from = current;
    if (from == null || from.readable() == 0) {
      from = next(from);
      current = from;
    }
    if (from == null) {
      return -1;
    }
    int n = Math.min(length, from.readable());
    System.arraycopy(from.bytes, from.from, target, offset, n);
    from.from += n;
    taken(n);
    return n;
  }

  /** The part to read from, after one that was read; null at the end. */
  private @Nullable Part next(@Nullable Part read) throws IOException {
    Part part = poll(read);
    while (part == null) {
      if (isAtEnd()) {
        return null;
      }
      starving.run();
      part = await();
    }
    return part;
  }

  private synchronized boolean isAtEnd() throws IOException {
    if (aborted) {
      throw new IOException("the request was cut off");
    }
    return complete && parts.isEmpty();
  }

  private synchronized @Nullable Part poll(@Nullable Part read) {
    if (read != null && read.bytes.length == ENOUGH && spare.size() < SPARE) {
      read.from = 0;
      read.to = 0;
      spare.push(read);
    }
    return aborted || !isEnough() ? null : parts.poll();
  }

  @SuppressWarnings("WaitNotInLoop") // woken early, it takes less
  private synchronized @Nullable Part await() throws IOException {
    try {
      if (!isEnough()) {
        wait(PATIENCE);
      }
      anything = true;
      while (parts.isEmpty() && !complete && !aborted) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      anything = false;
    }
    return aborted ? null : parts.poll();
  }

  private void taken(long bytes) {
    memory.release(bytes);
    boolean tell;
    synchronized (this) {
      queued -= bytes;
      tell = awaited && queued < Upload.LOW;
      awaited &= !tell;
    }
    if (tell) { // Never for nothing: that would wake a thread each time.
      relieved.run();
    }
  }

  /** Lets go of what waits; what comes later is let go at once. */
  @Override
  public void close() {
    long rest;
    synchronized (this) {
      closed = true;
      parts.clear();
      spare.clear();
      rest = queued;
      queued = 0;
    }
    memory.release(rest);
    relieved.run();
  }
}
