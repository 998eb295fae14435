package io.sheaf.tree;

import io.sheaf.tree.Znodes.Created;
import java.util.Optional;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A plain ephemeral znode that is made again after each reconnect that lost it. Unlike Curator's
 * PersistentNode it is made only where its session still exists, and it is not re-made because
 * somebody else removed it.
 */
final class EphemeralNode implements Registration {
  private static final Logger log = LoggerFactory.getLogger(EphemeralNode.class);

  private final Znodes znodes;
  private final String session;
  private final String path;
  private final byte[] data;
  private final Refresher refresher = new Refresher("sheaf-registration", this::restore);
  private final Watch connection;
  private boolean closed;
  private volatile boolean present;

  EphemeralNode(Znodes znodes, String session, String path, byte[] data) {
    this.znodes = znodes;
    this.session = session;
    this.path = path;
    this.data = data;
    this.connection = znodes.connection().listenAtOnce(this::changed);
  }

  /** Creates the znode before anybody relies on it. */
  void start() {
    try {
      ensure();
    } catch (TreeException e) {
      connection.close();
      refresher.close();
      throw e;
    }
  }

  private void changed(ConnectionChange change) {
    if (change == ConnectionChange.LOST) {
      present = false;
    } else if (change == ConnectionChange.RECONNECTED) {
      refresher.trigger();
    }
  }

  private void restore() {
    try {
      ensure();
    } catch (NoSuchSessionException e) {
      log.info("session {} is gone, and with it the registration {}", session, path);
    }
  }

  private synchronized void ensure() {
    while (!closed) {
      Created created = znodes.create(path, data, CreateMode.EPHEMERAL);
      if (created == Created.NO_PARENT) {
        throw new NoSuchSessionException(session, null);
      }
      if (created == Created.YES || isOurs()) {
        present = true;
        return;
      }
      znodes.delete(path); // of an earlier ZooKeeper session of this process
    }
  }

  private boolean isOurs() {
    Optional<Stat> stat = znodes.stat(path);
    return stat.isPresent() && stat.get().getEphemeralOwner() == ownSession();
  }

  private long ownSession() {
    return znodes
        .call(path, () -> znodes.client().getZookeeperClient().getZooKeeper())
        .getSessionId();
  }

  @Override
  public boolean isRegistered() {
    return present && znodes.connection().isConnected();
  }

  @Override
  public void close() {
    connection.close();
    refresher.close();
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      present = false;
      removeOurs();
    }
  }

  private void removeOurs() {
    if (!znodes.connection().isConnected()) {
      znodes.deleteLater(path);
      return;
    }
    try {
      if (isOurs()) {
        znodes.delete(path);
      }
    } catch (TreeException e) {
      log.debug("{} goes with the ZooKeeper session: {}", path, e.getMessage());
    }
  }
}
