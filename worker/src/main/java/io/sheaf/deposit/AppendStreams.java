package io.sheaf.deposit;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.SegmentContents;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.disk.Disk;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The logs that clients append to, and what becomes of them; see "Append logs" in {@code
 * docs/design.md}. A stream is opened, then belongs to one connection at a time.
 */
public final class AppendStreams {
  /** Above this a client is not read; below {@link #LOW} it is again. */
  public static final long HIGH = 2 << 20;

  public static final long LOW = 512 << 10;

  static final long NO_CUT = -1;

  private static final long STOP_MILLIS = 2_000;

  private final Lanes lanes;
  private final Clock clock;
  private final String worker;
  private final AppendQueue queue;
  private final AppendLogs logs;
  private final AppendSyncer syncer;
  private final AppendWriter writer;
  private final SegmentCloser closer;
  private @Nullable Closing instead;
  private final Settlements settlements;
  private final Set<LogStream> open = ConcurrentHashMap.newKeySet();

  /** Segments that have ended and are in no batch yet. */
  private final Set<AppendSegment> closing = ConcurrentHashMap.newKeySet();

  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicLong tails = new AtomicLong();

  /** Those with an id that are open, or have ended a short while ago. */
  private final Map<String, Known> named = new ConcurrentHashMap<>();

  private final List<Thread> threads = new ArrayList<>();
  private volatile long graceMillis;
  private volatile boolean stopping;

  private record Known(LogStream stream, long endedAt) {}

  /** Makes entries of segments. */
  interface Closing {
    void close(AppendSegment segment, SegmentContents contents);
  }

  AppendStreams(
      Disk disk,
      BaseDirectory base,
      String worker,
      Lanes lanes,
      AppendLogs.Limits limits,
      Clock clock) {
    this.lanes = lanes;
    this.clock = clock;
    this.worker = worker;
    this.queue = new AppendQueue(lanes.memory());
    this.logs = new AppendLogs(disk, base, worker, limits);
    this.syncer = new AppendSyncer(logs, this::giveUp);
    this.writer = new AppendWriter(queue, logs, syncer);
    this.closer = new SegmentCloser(lanes, logs);
    this.settlements = new Settlements(queue, logs);
  }

  /** How long a log with an id waits for its client when the connection is lost. */
  public void grace(Duration grace) {
    graceMillis = grace.toMillis();
  }

  /**
   * Opens a log, or goes on with one that is known by its id.
   *
   * @throws DepositException when it cannot be taken; it has no stream then
   */
  public LogStream open(LogRequest request, LogStream.Listener listener) throws DepositException {
    if (request.id() == null) {
      return begin(request, listener, 0);
    }
    // One at a time: two that come at once must not both begin it.
    synchronized (named) {
      Known known = named.get(request.key());
      if (known != null && known.stream().takeOver(listener, request.from())) {
        return known.stream();
      }
      LogStream stream =
          known == null || known.stream().kept() < request.from()
              ? begin(request, listener, 0)
              : goOn(known.stream(), request, listener);
      named.put(request.key(), new Known(stream, Long.MAX_VALUE));
      return stream;
    }
  }

  /** It has ended here already: what comes beyond its end becomes a further entry. */
  private LogStream goOn(LogStream ended, LogRequest request, LogStream.Listener listener)
      throws DepositException {
    LogRequest further =
        new LogRequest(
            request.target(),
            request.uid(),
            request.modified(),
            request.attributes(),
            request.durability(),
            request.rule(),
            request.id(),
            ended.kept(),
            ended.next());
    return begin(further, listener, ended.kept() - request.from());
  }

  private LogStream begin(LogRequest request, LogStream.Listener listener, long skip)
      throws DepositException {
    QuotaCharge charge = lanes.beginLog(request);
    Durability durability = request.durability();
    LogStream stream =
        new LogStream(
            this,
            request,
            lanes.batchesOf(request.target()),
            charge,
            durability == null ? lanes.defaultDurability() : durability,
            numbers.incrementAndGet(),
            listener);
    stream.skip(skip);
    open.add(stream);
    count.incrementAndGet();
    start();
    return stream;
  }

  /** Starts no threads: a test does what they do, step by step. */
  void stepByStep(Closing closing) {
    instead = closing;
  }

  AppendWriter writer() {
    return writer;
  }

  AppendSyncer syncer() {
    return syncer;
  }

  AppendLogs logs() {
    return logs;
  }

  private synchronized void start() {
    if (threads.isEmpty() && instead == null) {
      threads.add(Threads.named("sheaf-append").newThread(writer));
      threads.add(Threads.named("sheaf-append-sync").newThread(syncer));
      threads.forEach(Thread::start);
    }
  }

  /** All of a log is in entries. */
  void done(LogStream stream, @Nullable QuotaCharge unused) {
    if (unused != null) {
      unused.giveBack();
    }
    if (open.remove(stream)) {
      count.decrementAndGet();
      lanes.leave();
    }
    if (stream.request().id() != null) {
      named.computeIfPresent(
          stream.request().key(),
          (key, known) ->
              known.stream().equals(stream) ? new Known(stream, clock.millis()) : known);
    }
  }

  /**
   * Waits until all segments that have ended by now are in batches, or in none for good; false when
   * time ran out.
   */
  public boolean awaitEnded(Duration timeout) {
    List<AppendSegment> before = List.copyOf(closing);
    synchronized (closing) {
      return Waiting.until(closing, () -> before.stream().noneMatch(closing::contains), timeout);
    }
  }

  /** What {@link #finish} began has come to its end. */
  void finished(AppendSegment segment) {
    closing.remove(segment);
    synchronized (closing) {
      closing.notifyAll();
    }
  }

  /** A segment takes no more: makes an entry of what it has, up to a length. */
  void finish(AppendSegment segment, long length) {
    closing.add(segment);
    queue.run(
        () -> {
          long kept = segment.failed ? Math.min(length, segment.written) : length;
          if (kept > 0) {
            Closing by = instead == null ? closer::close : instead;
            by.close(segment, segment.contents(kept));
          } else {
            logs.ended(List.of(segment));
            segment.stream.finished(segment, false, null);
          }
        });
  }

  private CompletableFuture<Void> giveUp(AppendLog broken, IOException reason) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    boolean queued =
        queue.run(
            () -> {
              writer.giveUp(broken, reason);
              done.complete(null);
            });
    if (!queued) {
      done.complete(null);
    }
    return done;
  }

  /** Called every second. */
  void tick() {
    long now = clock.millis();
    for (LogStream stream : open) {
      stream.cutIfOld(now);
      stream.endIfLost(now - graceMillis);
    }
    named.values().removeIf(known -> known.endedAt() <= now - graceMillis);
  }

  /**
   * Ends all logs where they are. Their clients are told UNAVAILABLE, with this reason, once all of
   * theirs is in entries. To be called after the lanes refuse deposits.
   */
  public void endAll(String reason) {
    stopping = true;
    open.forEach(stream -> stream.stop(new DepositException(Kind.UNAVAILABLE, reason)));
  }

  boolean waitsForLost() {
    return !stopping && graceMillis > 0;
  }

  /** What there is of it now, for the status. */
  public record State(int streams, long waiting, int logs) {}

  public State state() {
    return new State(count.get(), queue.bytes(), logs.all().size());
  }

  /** How many logs are open. */
  public int count() {
    return count.get();
  }

  AppendQueue queue() {
    return queue;
  }

  Kept.Keeper keeper() {
    return settlements;
  }

  String worker() {
    return worker;
  }

  long millis() {
    return clock.millis();
  }

  boolean isUnique() {
    return lanes.isUnique();
  }

  void checkSize(long size) throws DepositException {
    lanes.checkSize(size);
  }

  LineTail newTail() {
    return new LineTail(tails, lanes.memory().limit() / 8);
  }

  /** Ends the threads; what is in the logs and in no batch that is sealed stays, for salvage. */
  void close() {
    closer.close();
    syncer.close();
    queue.close();
    try {
      for (Thread thread : started()) {
        thread.join(STOP_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized List<Thread> started() {
    return List.copyOf(threads);
  }

  /** Writes down, when a batch is durable, that the segments in it have ended. */
  private static final class Settlements implements Kept.Keeper {
    private final AppendQueue queue;
    private final AppendLogs logs;

    Settlements(AppendQueue queue, AppendLogs logs) {
      this.queue = queue;
      this.logs = logs;
    }

    @Override
    public void settle(List<Kept> all) throws IOException {
      List<AppendSegment> segments = new ArrayList<>();
      for (Kept each : all) {
        if (each instanceof AppendSegment segment && !segment.ended) {
          segments.add(segment);
        }
      }
      if (segments.isEmpty()) {
        return;
      }
      write(segments).sync();
      segments.forEach(segment -> segment.ended = true);
      queue.run(() -> logs.ended(segments));
    }

    private AppendLog write(List<AppendSegment> segments) throws IOException {
      CompletableFuture<AppendLog> written = new CompletableFuture<>();
      boolean queued =
          queue.run(
              () -> {
                try {
                  written.complete(logs.writeEnds(segments));
                } catch (IOException | RuntimeException | OutOfMemoryError e) {
                  written.completeExceptionally(e);
                }
              });
      if (!queued) {
        throw new IOException("the append logs are closed");
      }
      try {
        return written.join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof IOException io
            ? new IOException(io.getMessage(), io)
            : new IOException("the append logs cannot be written: " + e.getCause(), e);
      }
    }
  }
}
