package io.sheaf.worker;

import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import io.sheaf.conf.Units;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.Lanes;
import io.sheaf.tree.PendingBatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code POST /_flush}: closes batches, and waits for what becomes of them. */
final class FlushDoor {
  static final String PATH = "/_flush";

  private static final String ARCHIVE = "archive";
  private static final String WAIT = "wait";
  private static final String TIMEOUT = "timeout";
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final int TIMED_OUT = 504;

  private final Lanes lanes;
  private final Progress progress;
  private final WaitingThreads threads;

  /** What becomes of batches that are sealed. */
  interface Progress {
    /** Whether all that was sealed so far is published within that time. */
    boolean awaitPublished(Duration timeout) throws InterruptedException;

    /** Whether these are merged, or set aside, within that time. */
    boolean awaitMerged(List<PendingBatch> batches, Duration timeout)
        throws InterruptedException, IOException;
  }

  FlushDoor(Lanes lanes, Progress progress, WaitingThreads threads) {
    this.lanes = lanes;
    this.progress = progress;
    this.threads = threads;
  }

  /**
   * What is asked for.
   *
   * @param archive null for all
   */
  private record Wanted(@Nullable String archive, boolean merged, Duration timeout) {}

  /** Answers later, from another thread. */
  void open(RequestUri uri, Exchange exchange) throws DepositException {
    uri.allowOnly(ARCHIVE, WAIT, TIMEOUT);
    Wanted wanted = new Wanted(archive(uri), isMerged(uri), timeout(uri));
    exchange.takeBody(new SmallBody(body -> threads.execute(() -> answer(wanted, exchange))));
  }

  private static @Nullable String archive(RequestUri uri) throws DepositException {
    String archive = uri.get(ARCHIVE);
    if (archive != null) {
      try {
        Target.checkArchive(archive);
      } catch (BadTargetException e) {
        throw new DepositException(Kind.REFUSED, String.valueOf(e.getMessage()), e);
      }
    }
    return archive;
  }

  private static boolean isMerged(RequestUri uri) throws DepositException {
    String wait = uri.has(WAIT) ? String.valueOf(uri.get(WAIT)) : "published";
    if (!wait.equals("published") && !wait.equals("merged")) {
      throw new DepositException(Kind.REFUSED, "wait must be published or merged");
    }
    return wait.equals("merged");
  }

  private static Duration timeout(RequestUri uri) throws DepositException {
    String text = uri.get(TIMEOUT);
    if (text == null) {
      return LONGEST;
    }
    try {
      Duration given = Units.parseDuration(text);
      return given.compareTo(LONGEST) < 0 ? given : LONGEST;
    } catch (IllegalArgumentException e) {
      throw new DepositException(Kind.REFUSED, "timeout must be a duration, as 60s or 5m", e);
    }
  }

  private void answer(Wanted wanted, Exchange exchange) {
    try {
      exchange.reply = flush(wanted);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      exchange.reply = Reply.line(Kind.UNAVAILABLE.status(), "the worker stops");
    } catch (IOException | RuntimeException e) {
      exchange.reply = Reply.line(Kind.FAILED.status(), "batches could not be closed: " + e);
    }
    exchange.done(null);
    exchange.groupDone();
  }

  private Reply flush(Wanted wanted) throws InterruptedException, IOException {
    long end = System.nanoTime() + wanted.timeout().toNanos();
    if (!lanes.appends().awaitEnded(wanted.timeout())) {
      return late("closed");
    }
    Optional<List<PendingBatch>> sealed = lanes.seal(wanted.archive(), left(end));
    if (sealed.isEmpty()) {
      return late("closed");
    }
    if (!progress.awaitPublished(left(end))) {
      return late("published");
    }
    if (wanted.merged() && !progress.awaitMerged(sealed.get(), left(end))) {
      return late("merged");
    }
    long files = sealed.get().stream().map(PendingBatch::path).distinct().count();
    return Reply.json(("{\"batches\": " + files + "}\n").getBytes(StandardCharsets.UTF_8));
  }

  private static Duration left(long end) {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  private static Reply late(String what) {
    return Reply.line(TIMED_OUT, "not all is " + what + " in time; it goes on");
  }
}
