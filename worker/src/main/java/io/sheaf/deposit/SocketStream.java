package io.sheaf.deposit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** An entry that is sent over a connection which it has alone. */
final class SocketStream extends DepositStream {
  private static final int PIECE = 64 << 10;
  private static final byte[] END = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Wire wire;
  private final boolean chunked;
  private final CompletableFuture<Void> answer;
  private final Consumer<Wire> reuse;
  private final ByteBuffer gathered = ByteBuffer.allocate(PIECE);
  private long left;
  private boolean ended;

  /**
   * @param reuse gets the connection when it can carry another request
   */
  SocketStream(Wire wire, String target, DepositOptions options, Consumer<Wire> reuse)
      throws IOException {
    this.wire = wire;
    this.chunked = options.size() < 0;
    this.left = options.size();
    this.reuse = reuse;
    this.answer = wire.begin(RequestHead.of(target, options, options.size()));
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (ended) {
      throw new IOException("the deposit has ended");
    }
    if (!chunked && length > left) {
      abort();
      throw new DepositException(
          DepositException.Kind.REFUSED, "the contents are longer than was announced");
    }
    left -= length;
    if (length > gathered.remaining()) {
      flush();
    }
    if (length > gathered.remaining()) {
      send(ByteBuffer.wrap(bytes, offset, length));
    } else {
      gathered.put(bytes, offset, length);
    }
  }

  @Override
  public void flush() throws IOException {
    send(gathered.flip());
    gathered.clear();
  }

  private void send(ByteBuffer piece) throws IOException {
    if (!piece.hasRemaining()) {
      return;
    }
    if (answer.isDone()) {
      refused();
    }
    try {
      if (chunked) {
        String size = Integer.toHexString(piece.remaining()) + "\r\n";
        wire.write(ByteBuffer.wrap(size.getBytes(StandardCharsets.US_ASCII)));
        wire.write(piece);
        wire.write(ByteBuffer.wrap(END, 1, 2));
      } else {
        wire.write(piece);
      }
    } catch (IOException e) {
      refused();
    }
  }

  /** The worker answered before the end, or is gone: its reason is better than the pipe's. */
  private void refused() throws IOException {
    ended = true;
    try {
      Answers.await(answer);
    } finally {
      wire.close();
    }
    throw new IOException("the worker answered before it had the whole entry");
  }

  @Override
  public void abort() {
    if (!ended) {
      ended = true;
      wire.close();
    }
  }

  @Override
  public void close() throws IOException {
    if (ended) {
      return;
    }
    if (left > 0) {
      abort();
      throw new DepositException(
          DepositException.Kind.REFUSED, "the contents are shorter than was announced");
    }
    flush();
    ended = true;
    if (chunked) {
      wire.write(ByteBuffer.wrap(END));
    }
    Answers.await(answer);
    reuse.accept(wire);
  }
}
