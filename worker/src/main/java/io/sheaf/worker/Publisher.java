package io.sheaf.worker;

import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.TreeException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes sealed batches, each once and in the order of their sealing, on a thread of its own,
 * many at a time when many wait: a batch of several archives is published for each of them. What
 * cannot be published waits here for as long as it takes; nothing else ever waits for it.
 */
final class Publisher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Publisher.class);
  private static final long FIRST_RETRY_MILLIS = 500;
  private static final long LAST_RETRY_MILLIS = 15_000;
  private static final int AT_ONCE = 1_000;

  /** Publishing twice is the same as once, so an attempt that ended in doubt is repeated. */
  private final Consumer<List<PendingBatch>> target;

  private final Deque<PendingBatch> queue = new ArrayDeque<>();
  private final Thread thread;
  private String failure = "";
  private boolean woken;
  private boolean stopped;
  private long published;

  Publisher(Consumer<List<PendingBatch>> target) {
    this.target = target;
    this.thread = new Thread(this::run, "sheaf-publish");
    thread.setDaemon(true);
    thread.start();
  }

  synchronized void offer(PendingBatch batch) {
    queue.add(batch);
    notifyAll();
  }

  /** ZooKeeper may be back: try again at once. */
  synchronized void wake() {
    woken = true;
    notifyAll();
  }

  private void run() {
    long retry = FIRST_RETRY_MILLIS;
    try {
      while (true) {
        List<PendingBatch> next = awaitNext();
        try {
          target.accept(next);
          published(next.size());
          retry = FIRST_RETRY_MILLIS;
        } catch (RuntimeException | OutOfMemoryError e) {
          // Whatever it was: without this thread the worker would take deposits and tell nobody.
          failed(e);
          awaitRetry(retry);
          retry = Math.min(2 * retry, LAST_RETRY_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private synchronized List<PendingBatch> awaitNext() throws InterruptedException {
    while (queue.isEmpty()) {
      wait();
    }
    if (stopped) {
      throw new InterruptedException();
    }
    woken = false;
    return queue.stream().limit(AT_ONCE).toList();
  }

  private synchronized void published(int batches) {
    for (int i = 0; i < batches; i++) {
      queue.remove();
    }
    published += batches;
    if (!failure.isEmpty()) {
      log.info("batches are published again, {} to go", queue.size());
      failure = "";
    }
    notifyAll();
  }

  private synchronized void failed(Throwable e) {
    String message = e instanceof TreeException ? String.valueOf(e.getMessage()) : e.toString();
    if (!message.equals(failure)) {
      if (e instanceof TreeException) {
        log.warn("batches wait to be published: {}", message);
      } else {
        log.error("internal error while publishing, will be tried again", e);
      }
    }
    failure = message;
  }

  private synchronized void awaitRetry(long millis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (!woken) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        return;
      }
      wait(left);
    }
  }

  /** Waits until nothing is left to publish; false when time ran out. */
  synchronized boolean awaitEmpty(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!queue.isEmpty()) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  synchronized int waiting() {
    return queue.size();
  }

  synchronized long count() {
    return published;
  }

  /** Why the last attempt failed; empty when it did not. */
  synchronized String failure() {
    return failure;
  }

  @Override
  public void close() {
    synchronized (this) {
      stopped = true;
    }
    thread.interrupt();
  }
}
