package io.sheaf.tree;

import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one task after each trigger, on its own thread and never twice at a time; triggers that come
 * meanwhile make one more run. A run that found ZooKeeper unreachable is repeated a second later.
 */
final class Refresher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Refresher.class);
  private static final long RETRY_MILLIS = 1000;

  private final String name;
  private final Runnable task;
  private final ScheduledExecutorService executor;
  private boolean queued;

  Refresher(String name, Runnable task) {
    this.name = name;
    this.task = task;
    this.executor = Executors.newSingleThreadScheduledExecutor(Threads.daemon(name));
  }

  /** Does not block. */
  void trigger() {
    triggerIn(0);
  }

  private synchronized void triggerIn(long millis) {
    if (queued) {
      return;
    }
    try {
      Future<?> unused = executor.schedule(this::run, millis, TimeUnit.MILLISECONDS);
      queued = true;
    } catch (RejectedExecutionException e) {
      log.debug("{}: triggered after closing", name);
    }
  }

  private void run() {
    synchronized (this) {
      queued = false; // whoever triggers from here on may have seen something newer
    }
    try {
      task.run();
    } catch (TreeUnreachableException e) {
      log.debug("{}: {}", name, e.getMessage());
      triggerIn(RETRY_MILLIS);
    } catch (RuntimeException e) {
      if (!executor.isShutdown()) {
        log.error("{}: {}", name, e.getMessage(), e); // a listener's fault must not end the watch
      }
    }
  }

  /** Lets a run that has begun go on, unless it waits. */
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
