package io.sheaf.load;

import io.sheaf.conf.Settings;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.SocketDepositor;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The connection with the worker, which may go away and come back at any time. */
final class Door {
  private static final long FIRST_MILLIS = 50;
  private static final long LAST_MILLIS = 2_000;

  private final Settings settings;
  private final Presence presence;
  private final CountDownLatch stop;
  private @Nullable SocketDepositor depositor;
  private boolean closed;

  Door(Settings settings, Presence presence, CountDownLatch stop) {
    this.settings = settings;
    this.presence = presence;
    this.stop = stop;
  }

  /**
   * Connects, as often as it takes.
   *
   * @return null when that is not wanted any more
   * @throws DepositException REFUSED when the worker is not to be trusted
   */
  @Nullable SocketDepositor await() throws IOException, InterruptedException {
    long millis = FIRST_MILLIS;
    while (true) {
      try {
        return connect();
      } catch (DepositException e) {
        if (e.kind() != DepositException.Kind.UNAVAILABLE) {
          throw e;
        }
        presence.away(String.valueOf(e.getMessage()));
      }
      if (stop.await(millis, TimeUnit.MILLISECONDS)) {
        return null;
      }
      millis = Math.min(LAST_MILLIS, 2 * millis);
    }
  }

  private synchronized @Nullable SocketDepositor connect() throws IOException {
    if (closed) {
      return null;
    }
    SocketDepositor there = depositor;
    if (there == null) {
      there = SocketDepositor.connect(settings);
      depositor = there;
    }
    return there;
  }

  /** It has given up: what it had sent has failed, and the next {@link #await} begins anew. */
  synchronized void lost() {
    if (depositor != null) {
      depositor.close();
      depositor = null;
    }
  }

  /** All that is in flight fails, and nothing more is sent. */
  synchronized void close() {
    closed = true;
    lost();
  }
}
