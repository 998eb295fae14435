package io.sheaf.deposit;

import io.sheaf.batch.BaseGoneException;
import io.sheaf.batch.BatchWriter;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.tree.PendingBatch;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Seals batches that nothing will be added to, on threads of its own, until it succeeds. */
final class Sealer {
  private static final Logger log = LoggerFactory.getLogger(Sealer.class);
  private static final int THREADS = 2;
  private static final long FIRST_RETRY_MILLIS = 250;
  private static final long LAST_RETRY_MILLIS = 60_000;
  private static final long AWAY_MILLIS = 1_000;

  private final Consumer<PendingBatch> sealed;
  private final ScheduledThreadPoolExecutor threads;

  /** Batches not yet sealed, with what hindered them last; empty when nothing did yet. */
  private final Map<BatchWriter, String> waiting = new LinkedHashMap<>();

  private long count;
  private boolean stopped;

  Sealer(Consumer<PendingBatch> sealed) {
    this.sealed = sealed;
    this.threads = new ScheduledThreadPoolExecutor(THREADS, Threads.named("sheaf-seal"));
    threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  void seal(BatchWriter batch) {
    synchronized (this) {
      waiting.put(batch, "");
      if (!stopped) {
        threads.execute(() -> attempt(batch, FIRST_RETRY_MILLIS));
        return;
      }
    }
    // Given back after the end, by an upload that was cut off: nobody would seal it any more.
    letGo(batch);
  }

  private void attempt(BatchWriter batch, long retryMillis) {
    try {
      batch.seal();
      batch.published().forEach(sealed);
      remove(batch);
    } catch (BaseGoneException e) {
      // Everybody knows; what is in the open file stays there until its directory is back.
      String name = batch.origin().archive() + " " + batch.origin().seq();
      retryLater(batch, name + ": " + Failures.oneLine(e), AWAY_MILLIS, retryMillis);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      // Whatever went wrong, the entries are acknowledged: they must not be forgotten.
      String name = batch.origin().archive() + " " + batch.origin().seq();
      log.error(
          "batch {} could not be sealed, trying again in {} ms: {}",
          name,
          retryMillis,
          Failures.oneLine(e));
      long next = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
      retryLater(batch, name + ": " + Failures.oneLine(e), retryMillis, next);
    }
  }

  private synchronized void remove(BatchWriter batch) {
    waiting.remove(batch);
    count++;
    notifyAll();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // An attempt reports its failures itself.
  private synchronized void retryLater(
      BatchWriter batch, String failure, long retryMillis, long next) {
    waiting.put(batch, failure);
    notifyAll();
    if (!stopped) {
      threads.schedule(() -> attempt(batch, next), retryMillis, TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Waits while the disk is behind with sealing, so that no more batches wait for it than are open.
   *
   * @throws DepositException when that many cannot be sealed at all
   */
  synchronized void awaitRoom(int limit) throws DepositException {
    while (waiting.size() >= limit) {
      List<String> failures = failures();
      if (failures.size() >= limit) {
        throw new DepositException(
            Kind.UNAVAILABLE,
            failures.size() + " batches could not be closed, the first: " + failures.get(0));
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new DepositException(Kind.UNAVAILABLE, "the worker is stopping", e);
      }
    }
  }

  /** Waits until all is sealed; false when the time was not enough. */
  synchronized boolean awaitAll(Duration timeout) {
    return Waiting.until(this, waiting::isEmpty, timeout);
  }

  /** Waits until these are sealed and handed on; false when the time was not enough. */
  synchronized boolean awaitGone(Collection<BatchWriter> batches, Duration timeout) {
    return Waiting.until(this, () -> Collections.disjoint(waiting.keySet(), batches), timeout);
  }

  /** The batches that are not sealed yet. */
  synchronized List<BatchWriter> unsealed() {
    return new ArrayList<>(waiting.keySet());
  }

  synchronized List<String> failures() {
    return waiting.values().stream().filter(text -> !text.isEmpty()).toList();
  }

  synchronized int waiting() {
    return waiting.size();
  }

  synchronized long sealed() {
    return count;
  }

  /** Ends the threads and lets go of what could not be sealed: it is left for salvage. */
  void stop() {
    synchronized (this) {
      stopped = true;
    }
    threads.shutdown();
    try {
      if (!threads.awaitTermination(1, TimeUnit.SECONDS)) {
        return; // A seal is stuck in the filesystem; the end of the process lets go of its lock.
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    unsealed().forEach(Sealer::letGo);
  }

  private static void letGo(BatchWriter batch) {
    try {
      batch.abandon();
      log.warn(
          "batch {} {} is left open, its entries are kept for salvage",
          batch.origin().archive(),
          batch.origin().seq());
    } catch (IOException e) {
      log.warn("batch of {} stays as it is: {}", batch.origin().archive(), Failures.oneLine(e));
    }
  }
}
