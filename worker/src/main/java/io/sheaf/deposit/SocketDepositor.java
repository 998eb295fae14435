package io.sheaf.deposit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** Deposits with a worker of this node, over its socket. */
public final class SocketDepositor implements Depositor {
  /**
   * Connects.
   *
   * @throws DepositException UNAVAILABLE when no worker serves the socket
   */
  public static SocketDepositor connect(Path socket) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Sends a deposit and returns; waits only while 64 of them are unanswered. The future ends with a
   * {@link DepositException} if the entry was not taken. Contents may be used again when this
   * returns.
   */
  public CompletableFuture<Void> depositAsync(
      String target, ByteBuffer contents, DepositOptions options) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public DepositStream open(String target, DepositOptions options) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void deposit(String target, ByteBuffer contents, DepositOptions options)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() throws IOException {}
}
