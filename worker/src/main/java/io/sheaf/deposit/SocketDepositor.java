package io.sheaf.deposit;

import io.sheaf.conf.Settings;
import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Deposits with a worker of this node, over its socket. Deposits share a connection and do not wait
 * for each other; each stream has a connection of its own while it is open.
 *
 * <p>Each deposit has an id. When the connection is lost it is made again, and what was not
 * answered is sent again, for {@code resend_time}: it is in the archive once. A stream cannot be
 * sent again, and fails with it unknown whether the entry was taken. A log goes on.
 */
public final class SocketDepositor implements Depositor {
  /** Contents that are kept for unanswered deposits, at most; one may be larger. */
  private static final int KEPT = 16 << 20;

  private final Path socket;
  private final WorkerTrust trust;
  private final Resending resending;
  private final Backoff.CancelFlag closed = new Backoff.CancelFlag();
  private final Semaphore kept = new Semaphore(KEPT, true);
  private final String prefix = HexFormat.of().toHexDigits(Entropy.bits()) + "-";
  private final AtomicLong deposits = new AtomicLong();
  private final Deque<Wire> idle = new ArrayDeque<>();
  private final Courier shared;

  private SocketDepositor(Path socket, WorkerTrust trust, Resending resending) throws IOException {
    this.socket = socket;
    this.trust = trust;
    this.resending = resending;
    this.shared = new Courier(ended -> Wire.connect(socket, trust, ended), resending);
  }

  /**
   * Connects with the worker that the environment names: {@code SHEAF_SOCKET}, or the default
   * socket of {@code SHEAF_SESSION}; {@code SHEAF_TRUST_WORKERS_OF} for one of another user.
   *
   * @throws io.sheaf.conf.ConfException when it names none
   * @throws DepositException as {@link #connect(Path)}
   */
  public static SocketDepositor connect() throws IOException {
    return connect(Settings.builder().environment(System.getenv()).build());
  }

  /** As {@link #connect()}, with the worker that the settings name. */
  public static SocketDepositor connect(Settings settings) throws IOException {
    return new SocketDepositor(settings.socket(), WorkerTrust.of(settings), Resending.of(settings));
  }

  /**
   * Connects with a worker of this user, or of root.
   *
   * @throws DepositException UNAVAILABLE when no worker serves the socket, REFUSED when it is
   *     another user's
   */
  public static SocketDepositor connect(Path socket) throws IOException {
    Settings defaults = Settings.builder().build();
    return new SocketDepositor(socket, WorkerTrust.own(), Resending.of(defaults));
  }

  /**
   * Sends a deposit and returns; waits only while 64 of them are unanswered, or many bytes, or
   * while a worker that was lost is not there again. The future ends with a {@link
   * DepositException} if the entry was not taken. Contents may be used again when this returns.
   */
  public CompletableFuture<Void> depositAsync(
      String target, ByteBuffer contents, DepositOptions options) throws IOException {
    Targets.check(target);
    int bytes = Math.min(KEPT, contents.remaining());
    keep(bytes);
    CompletableFuture<Void> answer;
    boolean sent = false;
    try {
      ByteBuffer copy = ByteBuffer.allocate(contents.remaining());
      answer = send(target, copy.put(contents.duplicate()).flip(), options);
      sent = true;
    } finally {
      if (!sent) {
        kept.release(bytes);
      }
    }
    return answer.whenComplete((done, failure) -> kept.release(bytes));
  }

  private void keep(int bytes) throws DepositException {
    try {
      kept.acquire(bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DepositException(Kind.UNAVAILABLE, "interrupted before the deposit was sent", e);
    }
  }

  private CompletableFuture<Void> send(String target, ByteBuffer body, DepositOptions options)
      throws IOException {
    return shared.send(RequestHead.of(target, named(options), body.remaining()), body);
  }

  /** With an id, unless nothing will be sent again. */
  private DepositOptions named(DepositOptions options) {
    return options.id() != null || resending.isOff() ? options : options.withId(nextId());
  }

  private String nextId() {
    return prefix + Long.toHexString(deposits.incrementAndGet());
  }

  @Override
  public void deposit(String target, ByteBuffer contents, DepositOptions options)
      throws IOException {
    Targets.check(target);
    Answers.await(send(target, contents.duplicate(), options));
  }

  /** A file can be read again: it is sent from its beginning when the connection was lost. */
  @Override
  public void pickup(ConfinedFile file, String target, PickupOptions options) throws IOException {
    String id = resending.isOff() ? null : nextId();
    Backoff backoff = new Backoff(resending.time());
    int lost = 0;
    while (true) {
      try {
        Pickup.run(this, file, target, options, id);
        return;
      } catch (DepositException e) {
        lost += e instanceof ConnectionLostException ? 1 : 0;
        boolean again = lost > 0 && lost < resending.tries() && Courier.isTemporary(e);
        if (!again || !backoff.awaitNext(closed)) {
          throw e;
        }
        file.channel().position(0);
      }
    }
  }

  @Override
  public DepositStream open(String target, DepositOptions options) throws IOException {
    Targets.check(target);
    Wire free = pollIdle();
    Wire wire = free == null ? Wire.connect(socket, trust, ended -> {}) : free;
    return new SocketStream(wire, target, options, this::reuse);
  }

  @Override
  public AppendStream append(String target, AppendOptions options) throws IOException {
    Targets.check(target);
    ensureOpen();
    String id = options.id() != null || resending.isOff() ? options.id() : nextId();
    return new SocketAppend(
        head -> AppendConnection.open(socket, trust, head), target, options.withId(id), resending);
  }

  private synchronized @Nullable Wire pollIdle() throws IOException {
    ensureOpen();
    Wire wire = idle.poll();
    while (wire != null && wire.isClosed()) {
      wire = idle.poll();
    }
    return wire;
  }

  private synchronized void reuse(Wire wire) {
    if (closed.isSet()) {
      wire.close();
    } else {
      idle.push(wire);
    }
  }

  private void ensureOpen() throws IOException {
    if (closed.isSet()) {
      throw new IOException("the depositor is closed");
    }
  }

  /**
   * Ends the connections; deposits without an answer fail, with it unknown whether they are kept.
   */
  @Override
  public synchronized void close() {
    closed.set();
    shared.close();
    idle.forEach(Wire::close);
  }
}
