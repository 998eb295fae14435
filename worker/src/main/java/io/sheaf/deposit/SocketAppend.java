package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A log that goes to a worker over a connection which it has alone. */
final class SocketAppend extends AppendStream {
  private static final int PIECE = 64 << 10;
  private static final Duration FOR_EVER = Duration.ofDays(365);
  private static final byte[] LINE = {'\r', '\n'};
  private static final byte[] END = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final SocketChannel channel;
  private final Object answers = new Object();

  // Under the lock on this:
  private final ByteBuffer gathered = ByteBuffer.allocateDirect(PIECE);
  private long written;
  private boolean closed;

  // Under the lock on the answers:
  private long safe;
  private int entries;
  private boolean answered;
  private @Nullable DepositException failure;

  SocketAppend(Path socket, WorkerTrust trust, String target, AppendOptions options)
      throws IOException {
    this.channel = connect(socket);
    boolean begun = false;
    try {
      trust.check(socket, channel);
      send(ByteBuffer.wrap(RequestHead.append(target, options)));
      begun = true;
    } finally {
      if (!begun) {
        channel.close();
      }
    }
    Thread reader = Threads.named("sheaf-append-answers").newThread(this::readAnswers);
    reader.start();
  }

  private static SocketChannel connect(Path socket) throws IOException {
    try {
      return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new DepositException(
          Kind.UNAVAILABLE,
          "no worker serves " + socket + ": start one with sheaf worker (" + e.getMessage() + ")",
          e);
    }
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    ensureOpen();
    written += length;
    if (length > gathered.remaining()) {
      flush();
    }
    if (length > gathered.remaining()) {
      chunk(ByteBuffer.wrap(bytes, offset, length));
    } else {
      gathered.put(bytes, offset, length);
    }
  }

  private void ensureOpen() throws IOException {
    if (closed) {
      throw new IOException("the log has ended");
    }
    throwFailure();
  }

  @Override
  public synchronized void flush() throws IOException {
    if (gathered.position() > 0) {
      chunk(gathered.flip());
      gathered.clear();
    }
  }

  private void chunk(ByteBuffer contents) throws IOException {
    String size = Integer.toHexString(contents.remaining()) + "\r\n";
    send(
        ByteBuffer.wrap(size.getBytes(StandardCharsets.US_ASCII)), contents, ByteBuffer.wrap(LINE));
  }

  private void send(ByteBuffer... parts) throws IOException {
    try {
      ByteBuffer last = parts[parts.length - 1];
      while (last.hasRemaining()) {
        channel.write(parts);
      }
    } catch (IOException e) {
      // The worker has ended it, and said why before: that is better than the pipe's reason.
      awaitAnswer(Duration.ofSeconds(5));
      throwFailure();
      throw lost(e);
    }
  }

  private static DepositException lost(@Nullable Exception cause) {
    return new DepositException(
        Kind.UNAVAILABLE,
        "the connection to the worker was lost; what the log had becomes an entry",
        cause);
  }

  private void throwFailure() throws DepositException {
    synchronized (answers) {
      DepositException reason = failure;
      if (reason != null) {
        throw new DepositException(reason.kind(), String.valueOf(reason.getMessage()), reason);
      }
    }
  }

  private boolean awaitAnswer(Duration timeout) {
    synchronized (answers) {
      return Waiting.until(answers, () -> answered, timeout);
    }
  }

  @Override
  public long safe() {
    synchronized (answers) {
      return safe;
    }
  }

  @Override
  public boolean awaitSafe(Duration timeout) throws IOException {
    long wanted;
    synchronized (this) {
      flush();
      wanted = written;
    }
    boolean reached;
    synchronized (answers) {
      reached = Waiting.until(answers, () -> answered || safe >= wanted, timeout);
    }
    throwFailure();
    return reached;
  }

  @Override
  public int entries() {
    synchronized (answers) {
      return entries;
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (this) {
      if (closed) {
        return;
      }
      try {
        throwFailure();
        flush();
        send(ByteBuffer.wrap(END));
      } finally {
        closed = true;
      }
    }
    try {
      if (!awaitAnswer(FOR_EVER)) {
        throw new DepositException(
            Kind.FAILED, "interrupted; the log becomes an entry all the same");
      }
      throwFailure();
    } finally {
      channel.close();
    }
  }

  private void readAnswers() {
    ResponseReader responses = new ResponseReader(channel);
    try {
      ResponseReader.Response response = responses.nextOfAny();
      while (response != null && response.status() < 200) {
        told(response);
        response = responses.nextOfAny();
      }
      ended(response, response == null ? lost(null) : response.failure());
    } catch (IOException e) {
      ended(null, lost(e));
    }
  }

  private void told(ResponseReader.Response response) {
    synchronized (answers) {
      safe = Math.max(safe, response.offset());
      answers.notifyAll();
    }
  }

  private void ended(ResponseReader.@Nullable Response response, @Nullable DepositException why) {
    synchronized (answers) {
      answered = true;
      failure = why;
      if (response != null) {
        safe = Math.max(safe, response.offset());
        entries = response.entries();
      }
      answers.notifyAll();
    }
  }
}
