package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.ResponseReader.Response;
import java.io.Closeable;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection with a worker. Requests are written by the callers, one after the other; a thread
 * reads the answers, which come in the same order.
 */
final class Wire implements Closeable {
  /** Requests without an answer at a time. */
  static final int WINDOW = 64;

  private static final int GATHER = 64 << 10;
  private static final int END_SECONDS = 5;

  private final SocketChannel channel;
  private final Semaphore window = new Semaphore(WINDOW);

  /** Under the lock on itself. */
  private final Deque<CompletableFuture<Void>> waiting = new ArrayDeque<>();

  private final Object writing = new Object();
  private final ByteBuffer gathered = ByteBuffer.allocateDirect(GATHER);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Consumer<Wire> whenEnded;
  private volatile boolean closed;

  private Wire(SocketChannel channel, Consumer<Wire> whenEnded) {
    this.channel = channel;
    this.whenEnded = whenEnded;
    Thread reader = new Thread(this::readAnswers, "sheaf-deposit-answers");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Connects with a worker.
   *
   * @param whenEnded told by the thread that reads answers, once all are failed that will not come
   */
  static Wire connect(Path socket, WorkerTrust trust, Consumer<Wire> whenEnded) throws IOException {
    SocketChannel channel = open(socket);
    boolean trusted = false;
    try {
      trust.check(socket, channel);
      trusted = true;
      return new Wire(channel, whenEnded);
    } finally {
      if (!trusted) {
        channel.close();
      }
    }
  }

  static SocketChannel open(Path socket) throws IOException {
    try {
      return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new DepositException(
          Kind.UNAVAILABLE,
          "no worker serves " + socket + ": start one with sheaf worker (" + e.getMessage() + ")",
          e);
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Writes a request whole, when there is room in the window. */
  CompletableFuture<Void> send(byte[] head, ByteBuffer body) throws IOException {
    CompletableFuture<Void> answer = expect();
    synchronized (writing) {
      enqueue(answer);
      write(head, body);
    }
    return answer;
  }

  /** Writes the head of a request; the caller has the wire alone and writes the body. */
  CompletableFuture<Void> begin(byte[] head) throws IOException {
    return send(head, ByteBuffer.allocate(0));
  }

  /** Writes a part of a body. */
  void write(ByteBuffer bytes) throws IOException {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw lost(e);
    }
  }

  private void write(byte[] head, ByteBuffer body) throws IOException {
    if (head.length + body.remaining() > GATHER) {
      write(ByteBuffer.wrap(head));
      write(body);
      return;
    }
    gathered.clear();
    gathered.put(head).put(body);
    write(gathered.flip());
  }

  private CompletableFuture<Void> expect() throws IOException {
    try {
      window.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DepositException(Kind.UNAVAILABLE, "interrupted before the deposit was sent", e);
    }
    return new CompletableFuture<>();
  }

  private void enqueue(CompletableFuture<Void> answer) throws IOException {
    synchronized (waiting) {
      if (closed) {
        window.release();
        throw lost(null);
      }
      waiting.add(answer);
    }
  }

  private static DepositException lost(@Nullable Exception cause) {
    return new ConnectionLostException(cause);
  }

  private void readAnswers() {
    ResponseReader responses = new ResponseReader(channel);
    @Nullable IOException problem = null;
    try {
      Response response = responses.next();
      while (response != null) {
        answer(response);
        if (response.last()) {
          break;
        }
        response = responses.next();
      }
    } catch (IOException e) {
      problem = e;
    }
    failAll(lost(problem));
    ended.countDown();
    whenEnded.accept(this);
  }

  /** Waits until all answers were read that came; a worker that is gone sends no more for long. */
  void awaitEnd() {
    try {
      if (!ended.await(END_SECONDS, TimeUnit.SECONDS)) {
        close();
        ended.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
    }
  }

  private void answer(Response response) throws IOException {
    CompletableFuture<Void> first;
    synchronized (waiting) {
      first = waiting.poll();
      closed |= response.last();
    }
    if (first == null) {
      throw new IOException("the worker answered what was not asked");
    }
    window.release();
    DepositException failure = response.failure();
    if (failure == null) {
      first.complete(null);
    } else {
      first.completeExceptionally(failure);
    }
  }

  private void failAll(DepositException reason) {
    Deque<CompletableFuture<Void>> unanswered;
    synchronized (waiting) {
      closed = true;
      unanswered = new ArrayDeque<>(waiting);
      waiting.clear();
    }
    closeChannel();
    unanswered.forEach(
        answer -> {
          window.release();
          answer.completeExceptionally(reason);
        });
  }

  private void closeChannel() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is of no use any more either way.
    }
  }

  /** Ends the connection; requests without an answer fail. */
  @Override
  public void close() {
    synchronized (waiting) {
      closed = true;
    }
    closeChannel();
  }
}
