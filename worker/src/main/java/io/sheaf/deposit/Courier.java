package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests over one connection after the other, until each is answered. When a connection is
 * lost, all requests without an answer go out again over the next one, in their order and before
 * any that come later: they have ids, so one that was taken already is not taken twice.
 *
 * <p>Whoever sends waits while a connection is made again. The thread that has read the answers of
 * the one that was lost makes the next, or a thread that sends, whichever sees it first.
 */
final class Courier implements Closeable {
  /** Makes connections; what it is given is told when one has ended. */
  interface Dial {
    Wire connect(Consumer<Wire> ended) throws IOException;
  }

  /** A request until it is answered. */
  private static final class Request {
    final byte[] head;
    final ByteBuffer body;
    final CompletableFuture<Void> answer = new CompletableFuture<>();
    int tries;

    Request(byte[] head, ByteBuffer body) {
      this.head = head;
      this.body = body;
    }
  }

  private final Dial dial;
  private final Resending resending;
  private final Backoff.CancelFlag closed = new Backoff.CancelFlag();

  /** Held while something is sent, and while a connection is made. */
  private final Object sending = new Object();

  /** In the order of their sending; under the lock on itself. */
  private final Set<Request> unanswered = new LinkedHashSet<>();

  /** Changed under {@link #sending}. */
  private volatile Wire wire;

  Courier(Dial dial, Resending resending) throws IOException {
    this.dial = dial;
    this.resending = resending;
    this.wire = dial.connect(this::ended);
  }

  /**
   * Sends a request. The body must stay as it is until the answer is there.
   *
   * @throws DepositException when there is no worker to send it to, in the time that is given
   */
  CompletableFuture<Void> send(byte[] head, ByteBuffer body) throws IOException {
    Request request = new Request(head, body);
    synchronized (sending) {
      ensureOpen();
      if (wire.isClosed()) {
        reconnect();
      }
      add(request);
      try {
        transmit(request);
      } catch (ConnectionLostException e) {
        reconnect();
      } catch (IOException | RuntimeException e) {
        remove(request);
        throw e;
      }
    }
    return request.answer;
  }

  private void ensureOpen() throws IOException {
    if (closed.isSet()) {
      throw new IOException("the depositor is closed");
    }
  }

  private void transmit(Request request) throws IOException {
    request.tries++;
    CompletableFuture<Void> unused =
        wire.send(request.head, request.body.duplicate())
            .whenComplete((done, failure) -> answered(request, failure));
  }

  private void answered(Request request, @Nullable Throwable failure) {
    if (failure instanceof ConnectionLostException) {
      return; // Whoever makes the next connection sends it again, or says that it was lost.
    }
    remove(request);
    if (failure == null) {
      request.answer.complete(null);
    } else {
      request.answer.completeExceptionally(failure);
    }
  }

  private void add(Request request) {
    synchronized (unanswered) {
      unanswered.add(request);
    }
  }

  private void remove(Request request) {
    synchronized (unanswered) {
      unanswered.remove(request);
    }
  }

  private List<Request> listUnanswered() {
    synchronized (unanswered) {
      return new ArrayList<>(unanswered);
    }
  }

  /** On the thread that has read the answers of a connection, after the last one. */
  @SuppressWarnings("ReferenceEquality") // another may have been made since
  private void ended(Wire lost) {
    synchronized (sending) {
      if (lost != wire || listUnanswered().isEmpty()) {
        return;
      }
      if (resending.isOff()) {
        giveUpAll(0);
        return;
      }
      try {
        reconnect();
      } catch (IOException e) {
        // Those who wait for answers were told.
      }
    }
  }

  /**
   * Makes a connection and sends over it what is unanswered.
   *
   * @throws DepositException when there is none in time; then nothing is unanswered any more
   */
  private void reconnect() throws IOException {
    wire.awaitEnd();
    giveUpAll(resending.isOff() ? 1 : resending.tries());
    Backoff backoff = new Backoff(resending.time());
    while (true) {
      try {
        ensureOpen();
        wire = dial.connect(this::ended);
        if (closed.isSet()) {
          wire.close(); // Who closed this has seen the one before.
        }
        for (Request request : listUnanswered()) {
          transmit(request);
        }
        return;
      } catch (IOException | RuntimeException e) {
        wire.awaitEnd();
        giveUpAll(resending.tries());
        if (!isTemporary(e) || !backoff.awaitNext(closed)) {
          giveUpAll(0);
          throw e;
        }
      }
    }
  }

  /** Whether another try may find a worker: not when it is one that is not trusted. */
  static boolean isTemporary(Exception e) {
    return e instanceof DepositException failure && failure.kind() == Kind.UNAVAILABLE;
  }

  /** Fails the requests that were sent so often. */
  private void giveUpAll(int tries) {
    for (Request request : listUnanswered()) {
      if (request.tries >= tries) {
        remove(request);
        request.answer.completeExceptionally(new ConnectionLostException(null));
      }
    }
  }

  /** Ends the connection; requests without an answer fail. */
  @Override
  public void close() {
    closed.set();
    wire.close();
    giveUpAll(0);
  }
}
