package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * A log that goes to a worker over a connection which it has alone, and over the next one when that
 * is lost: see "Going on after a lost connection" in {@code docs/protocol.md}. What the worker has
 * not told to be safe stays in memory and is sent again.
 *
 * <p>Whoever writes sends, too. A thread for each connection reads the answers; when the connection
 * is lost, that thread makes the next one and sends over it what is not safe.
 */
final class SocketAppend extends AppendStream {
  /** Bytes in memory; whoever writes more waits until the worker has some of it safe. */
  static final long MEMORY = 32 << 20;

  private static final Duration FOR_EVER = Duration.ofDays(365);
  private static final ThreadFactory READERS = Threads.named("sheaf-append-answers");

  /** Makes connections. */
  interface Dial {
    AppendConnection connect(byte[] head) throws IOException;
  }

  private final Dial dial;
  private final String target;
  private final AppendOptions options;
  private final Resending resending;
  private final AppendNumber number;
  private final Backoff.CancelFlag never = new Backoff.CancelFlag();

  /** Held for a write, so that each stays in one piece. */
  private final Object writing = new Object();

  /** Held while something is sent: chunks go out in their order. Taken after the one above. */
  private final Object sending = new Object();

  /** Taken last, and for moments only; guards all that follows. */
  private final Object state = new Object();

  private final AppendWindow window = new AppendWindow(MEMORY);
  private @Nullable AppendConnection current;
  private long sent;
  private boolean broken;
  private boolean endSent;
  private boolean closing;
  private boolean over;
  private int entries;
  private int losses;
  private long safeAtLoss = -1;
  private @Nullable Backoff patience;
  private @Nullable DepositException failure;

  private boolean closed; // under the lock on writing

  /**
   * @param options with an id, unless nothing will be sent again
   */
  SocketAppend(Dial dial, String target, AppendOptions options, Resending resending)
      throws IOException {
    this.dial = dial;
    this.target = target;
    this.options = options;
    this.resending = resending;
    this.number = new AppendNumber(options.rule());
    use(dial.connect(RequestHead.append(target, options)), 0);
  }

  private void use(AppendConnection connection, long from) {
    synchronized (state) {
      current = connection;
      sent = from;
      broken = false;
      endSent = false;
    }
    READERS.newThread(() -> serve(connection)).start();
  }

  // ---- whoever writes

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    synchronized (writing) {
      if (closed) {
        throw new IOException("the log has ended");
      }
      throwFailure();
      for (int done = 0; done < length; ) {
        int n = Math.min(AppendWindow.PIECE, length - done);
        put(bytes, offset + done, n);
        done += n;
      }
    }
  }

  private void put(byte[] bytes, int offset, int length) throws IOException {
    if (!tryPut(bytes, offset, length)) {
      send();
      synchronized (state) {
        if (!Waiting.until(state, () -> failure != null || window.hasRoom(length), FOR_EVER)) {
          throw new DepositException(Kind.FAILED, "interrupted; what was written before is kept");
        }
        throwFailure();
        window.put(bytes, offset, length);
      }
    }
    if (unsent() >= AppendWindow.PIECE) {
      send();
    }
  }

  private boolean tryPut(byte[] bytes, int offset, int length) {
    synchronized (state) {
      boolean room = window.hasRoom(length);
      if (room) {
        window.put(bytes, offset, length);
      }
      return room;
    }
  }

  private long unsent() {
    synchronized (state) {
      return current == null || broken ? 0 : window.end() - sent;
    }
  }

  private void throwFailure() throws DepositException {
    synchronized (state) {
      DepositException reason = failure;
      if (reason != null) {
        throw new DepositException(reason.kind(), String.valueOf(reason.getMessage()), reason);
      }
    }
  }

  @Override
  public void flush() throws IOException {
    send();
  }

  /** Sends what there is over the connection that there is; without one, it is sent later. */
  private void send() {
    synchronized (sending) {
      for (Piece next = next(); next != null; next = next()) {
        try {
          if (next.contents() == null) {
            next.to().end();
          } else {
            next.to().chunk(next.contents());
          }
        } catch (IOException e) {
          // Its reader sees the end too, after what the worker has said before; it goes on.
          leave(next.to());
        }
      }
    }
  }

  /**
   * What is to be sent, and where.
   *
   * @param contents null for the end of the log
   */
  private record Piece(AppendConnection to, @Nullable ByteBuffer contents) {}

  private @Nullable Piece next() {
    synchronized (state) {
      AppendConnection to = current;
      if (to == null || broken || endSent) {
        return null;
      }
      if (sent < window.end()) {
        ByteBuffer contents = window.slice(sent);
        sent += contents.remaining();
        return new Piece(to, contents);
      }
      endSent = closing;
      return closing ? new Piece(to, null) : null;
    }
  }

  @SuppressWarnings("ReferenceEquality") // another may have been made since
  private void leave(AppendConnection lost) {
    synchronized (state) {
      broken |= current == lost;
    }
  }

  // ---- what is safe

  @Override
  public long safe() {
    synchronized (state) {
      return window.base();
    }
  }

  @Override
  public boolean awaitSafe(Duration timeout) throws IOException {
    send();
    synchronized (state) {
      long wanted = window.end();
      boolean reached =
          Waiting.until(state, () -> failure != null || window.base() >= wanted, timeout);
      throwFailure();
      return reached;
    }
  }

  @Override
  public byte[] unsafe() {
    synchronized (state) {
      return window.bytes();
    }
  }

  @Override
  public int entries() {
    synchronized (state) {
      return entries;
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (writing) {
      if (closed) {
        return;
      }
      closed = true;
      synchronized (state) {
        closing = true;
        patience = null; // Who waits for as long as the log is open, waits from now on.
        endIfAllIsSafe();
      }
      send();
    }
    synchronized (state) {
      if (!Waiting.until(state, () -> over || failure != null, FOR_EVER)) {
        throw new DepositException(
            Kind.FAILED, "interrupted; the log becomes an entry all the same");
      }
      throwFailure();
    }
  }

  /** A worker that was lost when all was safe makes an entry of it, or whoever salvages it. */
  private void endIfAllIsSafe() {
    if (closing && current == null && window.isEmpty() && failure == null) {
      over = true;
      state.notifyAll();
    }
  }

  // ---- the thread of a connection

  private void serve(AppendConnection connection) {
    DepositException reason;
    try {
      reason = listen(connection);
    } catch (IOException | RuntimeException e) {
      reason = new ConnectionLostException(e);
    }
    connection.close();
    if (reason != null) {
      goOn(connection, reason);
    }
  }

  /** Reads until the last answer; why the log has not ended with it, null when it has. */
  private @Nullable DepositException listen(AppendConnection from) throws IOException {
    ResponseReader.Response response = from.responses().nextOfAny();
    while (response != null && response.status() < 200) {
      told(response.offset());
      response = from.responses().nextOfAny();
    }
    if (response == null) {
      return new ConnectionLostException(null);
    }
    told(response.offset());
    DepositException reason = response.failure();
    return reason == null ? ended(response) : reason;
  }

  /** The worker has what was sent here, never more; one that knew the log may say more. */
  private void told(long offset) {
    synchronized (state) {
      if (offset > window.base()) {
        window.drop(Math.min(offset, sent));
        state.notifyAll();
      }
    }
  }

  private @Nullable DepositException ended(ResponseReader.Response response) {
    synchronized (state) {
      if (!endSent) {
        return new ConnectionLostException(null);
      }
      window.drop(window.end());
      entries = response.entries();
      current = null;
      over = true;
      state.notifyAll();
      return null;
    }
  }

  private void goOn(AppendConnection lost, DepositException reason) {
    if (!mayGoOn(lost, reason)) {
      fail(reason);
      return;
    }
    long from = from(reason);
    AppendConnection next = reconnect(reason, from);
    if (next != null) {
      use(next, from);
      send();
    }
  }

  /**
   * A worker that has ended the log says how far it is in entries. One that was killed may have
   * ended it within a line, and the next one then gets the whole of that line.
   */
  private long from(DepositException reason) {
    synchronized (state) {
      return reason instanceof ConnectionLostException ? window.lineStart() : window.base();
    }
  }

  private boolean mayGoOn(AppendConnection lost, DepositException reason) {
    synchronized (state) {
      current = null;
      endIfAllIsSafe();
      if (window.base() > safeAtLoss || lost.hasLasted()) {
        patience = null;
        losses = 0;
      }
      safeAtLoss = window.base();
      losses += reason instanceof ConnectionLostException ? 1 : 0;
      return over || (!resending.isOff() && losses < resending.tries() && isTemporary(reason));
    }
  }

  private static boolean isTemporary(DepositException e) {
    return e.kind() == Kind.UNAVAILABLE || e.kind() == Kind.NO_SPACE || e.kind() == Kind.FAILED;
  }

  private @Nullable AppendConnection reconnect(DepositException reason, long from) {
    while (awaitNext()) {
      try {
        return dial.connect(head(from));
      } catch (DepositException e) {
        if (e.kind() != Kind.UNAVAILABLE) {
          fail(e);
          return null;
        }
      } catch (IOException e) {
        // It was lost as soon as it was made.
      }
    }
    fail(new DepositException(reason.kind(), late(reason), reason));
    return null;
  }

  /** Waits for the next try; false when there is to be none. */
  private boolean awaitNext() {
    Backoff next;
    synchronized (state) {
      if (over) {
        return false;
      }
      if (patience == null) {
        boolean any = options.waits() && !closing;
        patience = new Backoff(any ? FOR_EVER : resending.time());
      }
      next = patience;
    }
    return next.awaitNext(never) && !isOver();
  }

  private boolean isOver() {
    synchronized (state) {
      return over;
    }
  }

  private byte[] head(long from) {
    synchronized (state) {
      return RequestHead.goOn(target, options, from, number.next(from, window.end()));
    }
  }

  private String late(DepositException reason) {
    synchronized (state) {
      long left = window.end() - window.base();
      return reason.getMessage()
          + (reason instanceof ConnectionLostException ? ", and no worker serves it again" : "")
          + "; of the log "
          + left
          + " bytes are not known to be kept";
    }
  }

  private void fail(DepositException reason) {
    synchronized (state) {
      if (!over) {
        failure = reason;
        state.notifyAll();
      }
    }
  }
}
