package io.sheaf.deposit;

import io.sheaf.conf.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Deposits with a worker of this node, over its socket. Deposits share a connection and do not wait
 * for each other; each stream has a connection of its own while it is open. A connection that was
 * lost is made again with the next deposit.
 */
public final class SocketDepositor implements Depositor {
  private final Path socket;
  private final WorkerTrust trust;
  private final Deque<Wire> idle = new ArrayDeque<>();
  private Wire shared;
  private boolean closed;

  private SocketDepositor(Path socket, WorkerTrust trust) throws IOException {
    this.socket = socket;
    this.trust = trust;
    this.shared = Wire.connect(socket, trust);
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
    return new SocketDepositor(settings.socket(), WorkerTrust.of(settings));
  }

  /**
   * Connects with a worker of this user, or of root.
   *
   * @throws DepositException UNAVAILABLE when no worker serves the socket, REFUSED when it is
   *     another user's
   */
  public static SocketDepositor connect(Path socket) throws IOException {
    return new SocketDepositor(socket, WorkerTrust.own());
  }

  /**
   * Sends a deposit and returns; waits only while 64 of them are unanswered. The future ends with a
   * {@link DepositException} if the entry was not taken. Contents may be used again when this
   * returns.
   */
  public CompletableFuture<Void> depositAsync(
      String target, ByteBuffer contents, DepositOptions options) throws IOException {
    Lanes.parse(target);
    ByteBuffer body = contents.duplicate();
    return shared().send(RequestHead.of(target, options, body.remaining()), body);
  }

  @Override
  public void deposit(String target, ByteBuffer contents, DepositOptions options)
      throws IOException {
    Answers.await(depositAsync(target, contents, options));
  }

  @Override
  public DepositStream open(String target, DepositOptions options) throws IOException {
    Lanes.parse(target);
    Wire free = pollIdle();
    Wire wire = free == null ? Wire.connect(socket, trust) : free;
    return new SocketStream(wire, target, options, this::reuse);
  }

  private synchronized Wire shared() throws IOException {
    ensureOpen();
    if (shared.isClosed()) {
      shared = Wire.connect(socket, trust);
    }
    return shared;
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
    if (closed) {
      wire.close();
    } else {
      idle.push(wire);
    }
  }

  private void ensureOpen() throws IOException {
    if (closed) {
      throw new IOException("the depositor is closed");
    }
  }

  /**
   * Ends the connections; deposits without an answer fail, with it unknown whether they are kept.
   */
  @Override
  public synchronized void close() {
    closed = true;
    shared.close();
    idle.forEach(Wire::close);
  }
}
