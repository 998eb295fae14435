package io.sheaf.worker;

import io.sheaf.deposit.LogStream;
import io.sheaf.deposit.MemoryBudget;
import io.sheaf.disk.OpenPipe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the pipes that clients write their logs to, on one thread. A pipe in which much comes is
 * looked at every half a millisecond, and its writers wake nobody: with a wake-up for each line two
 * processors would do little else.
 */
final class LogPipes implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(LogPipes.class);

  /**
   * Of so many logs; others go over their sockets. With the size that clients ask for it is half of
   * what a user's pipes may have (pipe(7), pipe-user-pages-soft).
   */
  static final int MOST = 128;

  /** As much as a pipe has whose client has asked for more than the kernel gives. */
  private static final int READ = 256 << 10;

  /** In it even a pipe of 64 KiB is not filled. */
  private static final long NAP_NANOS = 500_000;

  private static final long STOP_MILLIS = 2_000;

  private final MemoryBudget memory;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();
  private @Nullable Selector selector;
  private @Nullable Thread thread;
  private volatile boolean closed;
  private boolean ended;

  // Of the thread:
  private final Set<LogPipe> open = new LinkedHashSet<>();
  private final Set<LogPipe> busy = new LinkedHashSet<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ);

  LogPipes(MemoryBudget memory) {
    this.memory = memory;
  }

  /**
   * Makes a pipe for a log; null when there are too many, or none can be had.
   *
   * @param broken done when it is not read any more though it should be
   */
  @Nullable LogPipe open(LogStream log, LogStream.Listener by, Runnable broken) {
    if (count.incrementAndGet() > MOST) {
      count.decrementAndGet();
      return null;
    }
    try {
      start();
      OpenPipe pipe = OpenPipe.open();
      pipe.source().configureBlocking(false);
      LogPipe opened = new LogPipe(this, pipe, log, by, broken);
      execute(() -> begin(opened));
      return opened;
    } catch (IOException e) {
      count.decrementAndGet();
      logger.warn("a log goes over its socket, for it gets no pipe: {}", e.getMessage());
      return null;
    }
  }

  private synchronized void start() throws IOException {
    if (closed) {
      throw new IOException("the door is closed");
    }
    if (thread == null) {
      Selector opened = Selector.open();
      selector = opened;
      Thread started = new Thread(() -> run(opened), "sheaf-pipe");
      started.setDaemon(true);
      thread = started;
      started.start();
    }
  }

  /** Has something done by the thread; at once when that has ended. */
  synchronized void execute(Runnable task) {
    if (ended) {
      task.run();
    } else {
      tasks.add(task);
      wake();
    }
  }

  private synchronized void wake() {
    Selector waiting = selector;
    Thread napping = thread;
    if (waiting != null && napping != null) {
      waiting.wakeup();
      LockSupport.unpark(napping);
    }
  }

  // The thread's:

  private void begin(LogPipe pipe) {
    open.add(pipe);
    busy.add(pipe);
  }

  /** It is looked at next; false when it is closed. */
  boolean look(LogPipe pipe) {
    boolean there = open.contains(pipe);
    if (there) {
      busy.add(pipe);
    }
    return there;
  }

  private void run(Selector own) {
    try (own) {
      while (!closed) {
        turn(own);
      }
      stop(own);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      logger.error("pipes are read no more", e);
    } finally {
      synchronized (this) {
        ended = true;
        runTasks();
        closeAll();
      }
    }
  }

  private void turn(Selector own) throws IOException {
    runTasks();
    boolean full = false;
    for (LogPipe pipe : List.copyOf(busy)) {
      full |= guarded(pipe, own);
    }
    if (full) {
      own.selectNow();
    } else if (busy.isEmpty()) {
      own.select();
      nap();
    } else {
      nap();
      own.selectNow();
    }
    for (SelectionKey key : own.selectedKeys()) {
      LogPipe pipe = (LogPipe) key.attachment();
      pipe.unwatch();
      look(pipe);
    }
    own.selectedKeys().clear();
  }

  /** Lets pipes fill, unless there is something else to do. */
  private void nap() {
    if (tasks.isEmpty() && !closed) {
      LockSupport.parkNanos(this, NAP_NANOS);
    }
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** A mistake with one log must not end the others. */
  private boolean guarded(LogPipe pipe, Selector own) throws IOException {
    try {
      return look(pipe, own);
    } catch (RuntimeException | OutOfMemoryError e) {
      logger.error("the pipe of a log is not read any more", e);
      busy.remove(pipe);
      close(pipe);
      return false;
    }
  }

  /** Whether it should be looked at again at once. */
  private boolean look(LogPipe pipe, Selector own) throws IOException {
    switch (pipe.look(buffer, memory.isOver())) {
      case MUCH -> {
        return pipe.isFinished() || buffer.limit() == buffer.capacity();
      }
      case LITTLE -> {
        busy.remove(pipe);
        pipe.watch(own);
      }
      case HELD -> {
        busy.remove(pipe);
        pipe.unwatch();
      }
      case OVER -> over(pipe);
    }
    return false;
  }

  private void over(LogPipe pipe) {
    busy.remove(pipe);
    pipe.unwatch();
    if (pipe.isFinished()) {
      close(pipe);
    }
  }

  private void close(LogPipe pipe) {
    open.remove(pipe);
    count.decrementAndGet();
    try {
      pipe.close();
    } catch (IOException | RuntimeException e) {
      logger.warn("a pipe of a log was not closed in order", e);
    }
  }

  /** Takes what clients have written whose connections were closed with the door. */
  private void stop(Selector own) throws IOException {
    long end = System.nanoTime() + STOP_MILLIS * 1_000_000;
    runTasks();
    while (open.stream().anyMatch(LogPipe::isFinished) && System.nanoTime() - end < 0) {
      for (LogPipe pipe : List.copyOf(busy)) {
        guarded(pipe, own);
      }
      LockSupport.parkNanos(this, NAP_NANOS);
      runTasks();
    }
  }

  private void closeAll() {
    List.copyOf(open).forEach(this::close);
  }

  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      closed = true;
      running = thread;
    }
    wake();
    if (running != null) {
      try {
        running.join(2 * STOP_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
