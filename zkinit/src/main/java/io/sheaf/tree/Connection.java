package io.sheaf.tree;

import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the state of the connection. The state changes on Curator's event thread, at once;
 * listeners hear of it in order on one thread of their own.
 */
final class Connection implements ConnectionStateListener, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Connection.class);

  private final CopyOnWriteArrayList<Consumer<ConnectionChange>> listeners =
      new CopyOnWriteArrayList<>();
  private final CopyOnWriteArrayList<Consumer<ConnectionChange>> atOnce =
      new CopyOnWriteArrayList<>();
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(Threads.daemon("sheaf-connection"));
  private final AtomicLong interruptions = new AtomicLong();
  private final AtomicLong losses = new AtomicLong();
  private volatile ConnectionChange last = ConnectionChange.SUSPENDED;

  @Override
  public void stateChanged(CuratorFramework client, ConnectionState state) {
    ConnectionChange change =
        switch (state) {
          case CONNECTED -> ConnectionChange.CONNECTED;
          case RECONNECTED, READ_ONLY -> ConnectionChange.RECONNECTED;
          case SUSPENDED -> ConnectionChange.SUSPENDED;
          case LOST -> ConnectionChange.LOST;
        };
    if (change == ConnectionChange.LOST) {
      losses.incrementAndGet();
    }
    if (!isUp(change)) {
      interruptions.incrementAndGet();
    }
    last = change;
    atOnce.forEach(listener -> listener.accept(change));
    try {
      executor.execute(() -> listeners.forEach(listener -> tell(listener, change)));
    } catch (RejectedExecutionException e) {
      log.debug("{} after closing", change);
    }
  }

  private static void tell(Consumer<ConnectionChange> listener, ConnectionChange change) {
    try {
      listener.accept(change);
    } catch (RuntimeException e) {
      log.error("a listener failed at {}", change, e); // the others must hear of it all the same
    }
  }

  private static boolean isUp(ConnectionChange change) {
    return change == ConnectionChange.CONNECTED || change == ConnectionChange.RECONNECTED;
  }

  boolean isConnected() {
    return isUp(last);
  }

  /** Whether the ZooKeeper session is gone and there is no new one yet. */
  boolean isLost() {
    return last == ConnectionChange.LOST;
  }

  /** Counts SUSPENDED and LOST. */
  long interruptions() {
    return interruptions.get();
  }

  /** Counts LOST. */
  long losses() {
    return losses.get();
  }

  Watch listen(Consumer<ConnectionChange> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** The listener is called on Curator's event thread: it must neither block nor fail. */
  Watch listenAtOnce(Consumer<ConnectionChange> listener) {
    atOnce.add(listener);
    return () -> atOnce.remove(listener);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
