package io.sheaf.exec;

import io.sheaf.conf.Settings;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.SocketDepositor;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The worker, which need not be there yet: it is waited for as long as the command runs, and then
 * for {@code resend_time}.
 */
final class WorkerDoor implements Closeable {
  private static final long LOOK_AGAIN_MILLIS = 250;

  private final Settings settings;
  private final Duration patience;
  private @Nullable SocketDepositor depositor;
  private long end;
  private boolean ended;

  WorkerDoor(Settings settings, Duration patience) {
    this.settings = settings;
    this.patience = patience;
  }

  /**
   * Connects, unless that is done.
   *
   * @throws DepositException UNAVAILABLE when there is no worker now; REFUSED when it is not to be
   *     trusted
   */
  synchronized SocketDepositor connect() throws IOException {
    SocketDepositor there = depositor;
    if (there == null) {
      there = SocketDepositor.connect(settings);
      depositor = there;
    }
    return there;
  }

  /** As {@link #connect}, and waits for a worker. */
  SocketDepositor await() throws IOException, InterruptedException {
    while (true) {
      try {
        return connect();
      } catch (DepositException e) {
        if (e.kind() != DepositException.Kind.UNAVAILABLE || !awaitNext()) {
          throw e;
        }
      }
    }
  }

  private boolean awaitNext() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
    return mayWait();
  }

  private synchronized boolean mayWait() {
    return !ended || System.nanoTime() - end < 0;
  }

  /** From now on a worker that is not there is waited for only so long. */
  synchronized void commandEnded() {
    if (!ended) {
      ended = true;
      end = System.nanoTime() + patience.toNanos();
    }
  }

  @Override
  public synchronized void close() {
    if (depositor != null) {
      depositor.close();
    }
  }
}
