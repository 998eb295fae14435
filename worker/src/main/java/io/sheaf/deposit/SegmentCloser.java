package io.sheaf.deposit;

import io.sheaf.batch.SegmentContents;
import io.sheaf.conf.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes entries of segments that take no more: reads them back from the logs and deposits them,
 * until it succeeds.
 */
final class SegmentCloser {
  private static final Logger log = LoggerFactory.getLogger(SegmentCloser.class);
  private static final int THREADS = 2;
  private static final long FIRST_RETRY_MILLIS = 250;
  private static final long LAST_RETRY_MILLIS = 30_000;

  private final Lanes lanes;
  private final SegmentContents.Logs logs;
  private final ScheduledThreadPoolExecutor threads;

  SegmentCloser(Lanes lanes, SegmentContents.Logs logs) {
    this.lanes = lanes;
    this.logs = logs;
    this.threads = new ScheduledThreadPoolExecutor(THREADS, Threads.named("sheaf-append-end"));
    threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Makes an entry of it, sooner or later; the stream is told. */
  void close(AppendSegment segment, SegmentContents contents) {
    attempt(new Attempt(segment, contents, FIRST_RETRY_MILLIS), 0);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // An attempt reports its failures itself.
  private synchronized void attempt(Attempt attempt, long delay) {
    if (!threads.isShutdown()) {
      threads.schedule(attempt, delay, TimeUnit.MILLISECONDS);
    }
  }

  /** What is not an entry by now stays in the logs, for salvage. */
  synchronized void close() {
    threads.shutdown();
  }

  private final class Attempt implements Runnable, Receipt {
    private final AppendSegment segment;
    private final SegmentContents contents;
    private final long retryMillis;

    Attempt(AppendSegment segment, SegmentContents contents, long retryMillis) {
      this.segment = segment;
      this.contents = contents;
      this.retryMillis = retryMillis;
    }

    @Override
    public void run() {
      try {
        if (contents.size() <= Lanes.SMALL) {
          small();
        } else {
          large();
          done(null);
        }
      } catch (IOException e) {
        done(Failures.nothingKept(e));
      } catch (RuntimeException | OutOfMemoryError e) {
        done(Failures.mistake(segment.head.archive(), e));
      }
    }

    private void small() throws IOException {
      awaitMemory();
      ByteBuffer all = ByteBuffer.allocate((int) contents.size());
      contents.read(logs, all::put);
      lanes.submitKept(segment, modified(), all.flip(), durability(), this);
      lanes.kick();
    }

    private void large() throws IOException {
      EntryStream entry = lanes.streamKept(segment, modified(), contents.size(), durability());
      boolean whole = false;
      try {
        contents.read(logs, entry::write);
        whole = true;
      } finally {
        if (!whole) {
          entry.abort();
        }
      }
      entry.commit();
    }

    private long modified() {
      Long given = segment.head.modified();
      return given == null ? segment.time : given;
    }

    /** In a batch it must be before it counts as an entry. */
    private Durability durability() {
      Durability wanted = segment.stream.durability();
      return wanted == Durability.NONE ? Durability.WRITE : wanted;
    }

    private void awaitMemory() {
      if (lanes.memory().isOver()) {
        CountDownLatch relieved = new CountDownLatch(1);
        lanes.memory().whenRelieved(relieved::countDown);
        try {
          relieved.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }

    @Override
    public void done(@Nullable DepositException failure) {
      if (failure == null || segment.isTaken()) {
        segment.stream.finished(segment, true, failure);
        return;
      }
      log.warn(
          "{}/{} stays in the append logs for {} ms: {}",
          segment.head.archive(),
          segment.head.entry(),
          retryMillis,
          failure.getMessage());
      segment.stream.delayed(failure);
      long next = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
      attempt(new Attempt(segment, contents, next), retryMillis);
    }
  }
}
