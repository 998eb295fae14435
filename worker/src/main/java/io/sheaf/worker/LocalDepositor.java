package io.sheaf.worker;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BaseWatch;
import io.sheaf.batch.OpenSession;
import io.sheaf.batch.WatchedDisk;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.AppendOptions;
import io.sheaf.deposit.AppendStream;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.DepositStream;
import io.sheaf.deposit.Depositor;
import io.sheaf.deposit.LaneDepositor;
import io.sheaf.deposit.LaneOptions;
import io.sheaf.deposit.Lanes;
import io.sheaf.deposit.WorkerId;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import io.sheaf.tree.SessionRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * Deposits without a worker: this process writes the batches itself, into a base directory that it
 * sees. Coordinators find them there and merge them, or {@code sheaf recover} does. Nothing is
 * published in ZooKeeper, so that takes until they look (about a minute), and a session that is
 * drained waits until this is closed.
 *
 * <p>What is promised is what a worker promises: with {@code write}, the default, an entry survives
 * this process from the moment when its deposit has returned; what it left open is salvaged. The
 * process holds a lock on its batches meanwhile.
 */
public final class LocalDepositor implements Depositor {
  /** Contents of deposits that are not written yet, at most; one may be larger. */
  private static final int KEPT = 64 << 20;

  private final BaseWatch watch;
  private final MemberLock lock;
  private final Lanes lanes;
  private final LaneDepositor through;
  private final Semaphore kept = new Semaphore(KEPT);
  private final Duration stopTimeout;

  private LocalDepositor(Disk disk, BaseDirectory base, BaseWatch watch, Settings settings) {
    String session = settings.find(Keys.SESSION).orElse("local");
    String id = WorkerId.create().toString();
    this.watch = watch;
    this.stopTimeout = settings.get(Keys.STOP_TIMEOUT);
    this.lock = MemberLock.take(disk, base, id, session);
    LaneOptions options = LaneSettings.of(settings, Runtime.getRuntime().maxMemory() / 4);
    this.lanes = new Lanes(disk, base, session, id, options, Clock.systemUTC(), published -> {});
    this.through = new LaneDepositor(lanes);
  }

  /** Into a base directory, with the settings of the environment. */
  public static LocalDepositor open(Path base) throws IOException {
    return open(
        Settings.builder().environment(System.getenv()).option(Keys.BASE, base.toString()).build());
  }

  /**
   * Into the base directory of the settings, which must be there. Where they name a session, what
   * it says of deposits holds ({@code compression}, {@code duplicates}, {@code symlinks} …).
   */
  public static LocalDepositor open(Settings settings) throws IOException {
    Disk disk = new SystemDisk();
    BaseDirectory base = BaseDirectory.open(disk, settings.get(Keys.BASE));
    Optional<String> name = settings.find(Keys.SESSION);
    Optional<SessionRecord> session =
        name.isEmpty() ? Optional.empty() : new OpenSession(disk, base).find(name.get());
    Settings valid =
        session.map(s -> settings.underSession(s.name(), s.parameters())).orElse(settings);
    BaseWatch watch = new BaseWatch(disk, base);
    return new LocalDepositor(new WatchedDisk(disk, base, watch), base, watch, valid);
  }

  /**
   * Deposits, and returns before it is written; waits only while much is not. The future ends when
   * the entry has its durability, or with a {@link DepositException}. Contents may be used again
   * when this returns.
   */
  public CompletableFuture<Void> depositAsync(
      String target, ByteBuffer contents, DepositOptions options) throws IOException {
    int bytes = Math.min(KEPT, contents.remaining());
    keep(bytes);
    boolean submitted = false;
    try {
      ByteBuffer copy = ByteBuffer.allocate(contents.remaining());
      copy.put(contents.duplicate()).flip();
      CompletableFuture<Void> answer = through.submit(target, copy, options);
      submitted = true;
      return answer.whenComplete((done, failure) -> kept.release(bytes));
    } finally {
      if (!submitted) {
        kept.release(bytes);
      }
    }
  }

  private void keep(int bytes) throws DepositException {
    try {
      kept.acquire(bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DepositException(Kind.UNAVAILABLE, "interrupted before it was deposited", e);
    }
  }

  @Override
  public DepositStream open(String target, DepositOptions options) throws IOException {
    return through.open(target, options);
  }

  @Override
  public AppendStream append(String target, AppendOptions options) throws IOException {
    return through.append(target, options);
  }

  @Override
  public void deposit(String target, ByteBuffer contents, DepositOptions options)
      throws IOException {
    through.deposit(target, contents, options);
  }

  /**
   * Closes the batches that are open, so that they can be merged.
   *
   * @throws DepositException when that takes longer; it goes on
   */
  public void flush(Duration timeout) throws IOException {
    if (lanes.seal(null, timeout).isEmpty()) {
      throw late("the batches are not closed yet");
    }
  }

  private static DepositException late(String what) {
    return new DepositException(
        Kind.UNAVAILABLE, what + "; what was deposited is safe, and salvaged if this process ends");
  }

  /**
   * Takes no more, waits for what was deposited, and closes the batches.
   *
   * @throws DepositException when that takes longer than {@code stop_timeout}; what was deposited
   *     is salvaged then
   */
  @Override
  public void close() throws IOException {
    lanes.refuse("the depositor is closed");
    boolean all = lanes.awaitQuiet(stopTimeout) && lanes.flush(stopTimeout);
    lanes.close();
    watch.close();
    lock.close();
    if (!all) {
      throw late("the batches could not be closed in " + stopTimeout.toSeconds() + " s");
    }
  }
}
