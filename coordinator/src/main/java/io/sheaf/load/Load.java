package io.sheaf.load;

import io.sheaf.conf.Settings;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.DepositStream;
import io.sheaf.deposit.SocketDepositor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Deposits files with one worker until it is stopped, some of them at a time, and writes down what
 * was sent and what was answered. A worker that goes away or refuses deposits is waited for; what
 * was in flight then may have failed. So of a file with {@code done} in its account there must be
 * one in its archive in the end, and of any other one or none.
 */
public final class Load {
  private static final int IN_FLIGHT = 32;

  /** Each has a connection and a thread of its own. */
  private static final int STREAMS = 8;

  private static final int PIECE = 8 << 10;
  private static final long LOOK_MILLIS = 500;

  /** How long the end waits for answers. */
  private static final long PATIENCE_SECONDS = 30;

  private final LoadPlan plan;
  private final Account account;
  private final FileMaker maker;
  private final Presence presence;
  private final Door door;
  private final Pace pace;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final AtomicLong stopped = new AtomicLong();
  private final Semaphore free = new Semaphore(IN_FLIGHT);
  private final AtomicReference<@Nullable IOException> broken = new AtomicReference<>();

  /** Guarded by this object. */
  private Counts counts = new Counts(0, 0, 0, 0);

  private Load(LoadPlan plan, Settings settings, Account account, Consumer<String> told) {
    this.plan = plan;
    this.account = account;
    this.maker = new FileMaker(plan);
    this.presence = new Presence(settings.socket(), told);
    this.door = new Door(settings, presence, stop);
    this.pace = new Pace(plan.rate(), stop);
  }

  /**
   * Prepares one, with the worker that the settings name.
   *
   * @param account file to which the account is added; made if it is missing
   * @param told gets a line when the worker takes nothing any more, and when it does again
   */
  public static Load of(LoadPlan plan, Settings settings, Path account, Consumer<String> told)
      throws IOException {
    return new Load(plan, settings, new Account(account), told);
  }

  /** So far; from any thread. */
  public synchronized Counts counts() {
    return counts;
  }

  /** Counts one more; what it was before. */
  private synchronized Counts count(UnaryOperator<Counts> more) {
    Counts before = counts;
    counts = more.apply(before);
    return before;
  }

  /** Ends {@link #run}, once the answers are there, or after half a minute. From any thread. */
  public void stop() {
    stopped.compareAndSet(0, System.nanoTime());
    stop.countDown();
  }

  /**
   * Deposits until {@link #stop}; returns when all is answered that is going to be.
   *
   * @throws IOException when the account cannot be written, or the worker is not to be trusted
   */
  public Counts run() throws IOException, InterruptedException {
    ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(daemon("load-clock"));
    ExecutorService streams = Executors.newFixedThreadPool(STREAMS, daemon("load-stream"));
    try {
      ScheduledFuture<?> unused =
          clock.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
      deposit(streams);
      awaitAnswers();
    } finally {
      clock.shutdownNow();
      streams.shutdownNow();
      door.close();
      account.close();
    }
    IOException reason = broken.get();
    if (reason != null) {
      throw reason;
    }
    return counts();
  }

  private static ThreadFactory daemon(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  private void look() {
    if (isStopped()) {
      if (System.nanoTime() - stopped.get() > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
        door.close(); // Whoever sends may be waiting for a worker.
      }
    } else if (counts().inFlight() > 0) {
      presence.look();
    }
  }

  private boolean isStopped() {
    return stop.getCount() == 0;
  }

  /** What has no answer by then is sent, and not answered, to whoever reads the account. */
  private void awaitAnswers() throws InterruptedException {
    if (free.tryAcquire(IN_FLIGHT, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      free.release(IN_FLIGHT);
    }
  }

  private void deposit(ExecutorService streams) throws IOException, InterruptedException {
    while (pace.awaitNext() && awaitFree()) {
      SocketDepositor to = door.await();
      if (to == null) {
        free.release();
        return;
      }
      send(to, maker.next(), streams);
    }
  }

  private boolean awaitFree() throws InterruptedException {
    while (!free.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      if (isStopped()) {
        return false;
      }
    }
    return true;
  }

  private void send(SocketDepositor to, LoadFile file, ExecutorService streams) throws IOException {
    account.sent(file);
    if (count(Counts::plusSent).inFlight() == 0) {
      presence.asked();
    }
    if (file.streamed()) {
      streams.execute(() -> ended(file, stream(to, file)));
      return;
    }
    try {
      CompletableFuture<Void> unused =
          to.depositAsync(file.target(), file.contents(), options(file.size()))
              .whenComplete((done, failure) -> ended(file, failure));
    } catch (IOException e) {
      // It looked for the worker for as long as it sends again; all that was in flight has failed.
      door.lost();
      ended(file, e);
    }
  }

  private DepositOptions options(long size) {
    return new DepositOptions(plan.durability(), DepositOptions.NOW, size);
  }

  /** Sends it in pieces, without saying how long it is; why that failed, or null. */
  private @Nullable Throwable stream(SocketDepositor to, LoadFile file) {
    try (DepositStream out = to.open(file.target(), options(DepositOptions.UNKNOWN))) {
      ByteBuffer rest = file.contents().duplicate();
      byte[] piece = new byte[PIECE];
      while (rest.hasRemaining()) {
        int length = Math.min(PIECE, rest.remaining());
        rest.get(piece, 0, length);
        out.write(piece, 0, length);
        out.flush();
      }
      return null;
    } catch (IOException | RuntimeException e) {
      return e;
    }
  }

  private void ended(LoadFile file, @Nullable Throwable failure) {
    try {
      if (failure == null) {
        account.done(file);
        Counts unused = count(before -> before.plusAnswered(file.size()));
        presence.answered();
        pace.taken();
      } else {
        failed(file, failure);
      }
    } catch (IOException e) {
      broken.compareAndSet(null, e);
      stop();
    } finally {
      free.release();
    }
  }

  private void failed(LoadFile file, Throwable thrown) throws IOException {
    Throwable cause =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    String reason = String.valueOf(cause.getMessage());
    account.failed(file, reason);
    Counts unused = count(Counts::plusFailed);
    if (!(cause instanceof DepositException e) || isTemporary(e.kind())) {
      pace.refused();
      if (!isStopped()) {
        presence.away(reason);
      }
    }
  }

  private static boolean isTemporary(Kind kind) {
    return kind == Kind.UNAVAILABLE || kind == Kind.NO_SPACE || kind == Kind.FAILED;
  }
}
