package io.sheaf.deposit;

import io.sheaf.batch.AppendRecord.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the writer of the append logs: blocks of records, and things to be done between
 * them, in their order. Whoever puts something here never waits for the disk; what is here is
 * charged to the memory budget.
 */
final class AppendQueue {
  /** So many blocks are kept for use again: more would hold memory that others need. */
  private static final int SPARE = 64;

  /** With so many bytes the writer does not wait for more. */
  private static final long ENOUGH = 256 << 10;

  private static final long MOMENT_MILLIS = 1;

  /** Something waiting: one of the two. */
  record Item(@Nullable AppendBlock block, @Nullable Runnable step) {}

  private final MemoryBudget memory;
  private final Deque<Item> items = new ArrayDeque<>();
  private final Deque<AppendBlock> spare = new ArrayDeque<>();
  private boolean waiting;
  private boolean gathering;
  private boolean hurried;
  private boolean closed;
  private long bytes;

  AppendQueue(MemoryBudget memory) {
    this.memory = memory;
  }

  /** Queues the opening of a segment as one record. */
  synchronized void open(AppendSegment segment, long cut, ByteBuffer head, int carried) {
    int needed = head.remaining() + io.sheaf.batch.AppendRecord.HEADER;
    AppendBlock block = last();
    if (block == null || block.bytes.remaining() < needed) {
      block = begin(needed);
    }
    block.add(segment, Kind.OPEN, cut, segment.time, head);
    charge(segment, carried);
    wake();
  }

  /** Queues contents. */
  synchronized void data(AppendSegment segment, long offset, ByteBuffer contents) {
    charge(segment, contents.remaining());
    long at = offset;
    while (contents.hasRemaining()) {
      AppendBlock block = last();
      int room = block == null ? 0 : block.room();
      if (block == null || room == 0) {
        block = begin(0);
        room = block.room();
      }
      ByteBuffer piece = contents.duplicate();
      piece.limit(piece.position() + Math.min(room, piece.remaining()));
      int n = piece.remaining();
      block.add(segment, Kind.DATA, at, segment.time, piece);
      contents.position(contents.position() + n);
      at += n;
    }
    wake();
  }

  private void charge(AppendSegment segment, int contents) {
    bytes += contents;
    memory.charge(contents);
    segment.stream.charge(contents);
  }

  /** The bytes are in a log, or nowhere. */
  void release(AppendSegment segment, int contents) {
    synchronized (this) {
      bytes -= contents;
    }
    memory.release(contents);
    segment.stream.release(contents);
  }

  /** Has something done by the writer's thread, after all that was put here before. */
  synchronized boolean run(Runnable step) {
    hurry();
    AppendBlock block = last();
    if (!closed && block != null) {
      // Not behind the block, or what comes next would need another one, with one record in it.
      block.steps.add(step);
    } else if (!closed) {
      items.add(new Item(null, step));
      wake();
    }
    return !closed;
  }

  private @Nullable AppendBlock last() {
    Item item = items.peekLast();
    return item == null ? null : item.block();
  }

  private AppendBlock begin(int needed) {
    AppendBlock block = needed > AppendBlock.SIZE ? null : spare.poll();
    if (block == null) {
      int size = Math.max(needed, AppendBlock.SIZE);
      // In the heap: what is more than spare in a moment would not come free outside of it.
      block = new AppendBlock(ByteBuffer.allocate(size));
    }
    items.add(new Item(block, null));
    return block;
  }

  private void wake() {
    if (waiting || (gathering && bytes >= ENOUGH)) {
      notifyAll();
    }
  }

  /** Somebody waits for what is here. */
  private void hurry() {
    hurried = true;
    if (gathering) {
      notifyAll();
    }
  }

  /**
   * Waits for a moment, unless there is much to write or somebody waits for it: a line now and then
   * must not keep the writer from being idle, nor many short ones make as many writes.
   */
  synchronized void gather() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MOMENT_MILLIS);
    gathering = true;
    while (bytes < ENOUGH && !hurried && !closed && System.nanoTime() - end < 0) {
      wait(MOMENT_MILLIS);
    }
    gathering = false;
    hurried = false;
  }

  /** What is there, up to so many blocks; waits for something. Nothing after the end. */
  synchronized List<Item> take(int blocks) throws InterruptedException {
    while (items.isEmpty() && !closed) {
      waiting = true;
      wait();
      waiting = false;
    }
    return poll(blocks);
  }

  /** As {@link #take}, without waiting. */
  synchronized List<Item> poll(int blocks) {
    List<Item> taken = new ArrayList<>();
    for (int n = 0; n < blocks && !items.isEmpty(); ) {
      Item item = items.remove();
      n += item.block() == null ? 0 : 1;
      taken.add(item);
    }
    return taken;
  }

  /** Gives a block back that was written. */
  synchronized void reuse(AppendBlock block) {
    block.clear();
    if (spare.size() < SPARE && block.bytes.capacity() == AppendBlock.SIZE) {
      spare.push(block);
    }
  }

  /** Bytes of contents that wait. */
  synchronized long bytes() {
    return bytes;
  }

  synchronized boolean isEmpty() {
    return items.isEmpty();
  }

  /** Nothing more is to be done once what is here is done. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }
}
