package io.sheaf.tree;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Single znodes, by path: what may well happen is a result, the rest a {@link TreeException}. */
final class Znodes {
  private static final Logger log = LoggerFactory.getLogger(Znodes.class);

  /**
   * The server's limit, {@code jute.maxbuffer}, is 1,048,575 with the rest of the request; past it
   * the connection breaks without a reason given.
   */
  private static final int MAX_DATA = 1_000_000;

  static final int ANY_VERSION = -1;

  enum Created {
    YES,
    EXISTS,
    NO_PARENT
  }

  @SuppressWarnings("ArrayRecordComponent") // a pair for callers in this package, never compared
  record Node(byte[] data, Stat stat) {
    String text() {
      return new String(data, StandardCharsets.UTF_8);
    }
  }

  private final CuratorFramework client;
  private final Connection connection;
  private final TreeOptions options;
  private final TreeAcl acl;

  Znodes(CuratorFramework client, Connection connection, TreeOptions options, TreeAcl acl) {
    this.client = client;
    this.connection = connection;
    this.options = options;
    this.acl = acl;
  }

  CuratorFramework client() {
    return client;
  }

  Connection connection() {
    return connection;
  }

  /** For creates that do not go through Curator. */
  List<ACL> acl(String path) {
    return acl.getAclForPath(path);
  }

  /** Whether rights are split between roles. */
  boolean isSplit() {
    return acl.isSplit();
  }

  /** A create that is repeated after a lost connection may find its own znode: EXISTS. */
  Created create(String path, byte[] data, CreateMode mode) {
    return create(path, data, () -> client.create().withMode(mode).forPath(path, data));
  }

  /** With an ACL of its own. */
  Created create(String path, byte[] data, List<ACL> acl, CreateMode mode) {
    return create(
        path, data, () -> client.create().withMode(mode).withACL(acl).forPath(path, data));
  }

  private Created create(String path, byte[] data, Callable<String> creation) {
    checkSize(path, data);
    return call(
        path,
        () -> {
          try {
            creation.call();
            return Created.YES;
          } catch (KeeperException.NodeExistsException e) {
            return Created.EXISTS;
          } catch (KeeperException.NoNodeException e) {
            return Created.NO_PARENT;
          }
        });
  }

  /**
   * Makes persistent znodes in one transaction, parents first; false when one of them exists or the
   * first has no parent.
   */
  boolean createAll(Map<String, byte[]> nodes) {
    String first = nodes.keySet().iterator().next();
    return call(
        first,
        () -> {
          List<CuratorOp> operations = new ArrayList<>();
          for (Map.Entry<String, byte[]> node : nodes.entrySet()) {
            checkSize(node.getKey(), node.getValue());
            operations.add(
                client
                    .transactionOp()
                    .create()
                    .withACL(acl(node.getKey()))
                    .forPath(node.getKey(), node.getValue()));
          }
          try {
            client.transaction().forOperations(operations);
            return true;
          } catch (KeeperException.NodeExistsException | KeeperException.NoNodeException e) {
            return false;
          }
        });
  }

  /** Makes a persistent znode and its parents where they are missing. */
  void ensure(String path) {
    if (path.isEmpty() || stat(path).isPresent()) {
      return;
    }
    ensure(path.substring(0, path.lastIndexOf('/')));
    create(path, new byte[0], CreateMode.PERSISTENT);
  }

  Optional<Node> get(String path) {
    return call(
        path,
        () -> {
          try {
            Stat stat = new Stat();
            byte[] data = client.getData().storingStatIn(stat).forPath(path);
            return Optional.of(new Node(data == null ? new byte[0] : data, stat));
          } catch (KeeperException.NoNodeException e) {
            return Optional.empty();
          }
        });
  }

  /** Returns once the server that is asked knows all that was committed before the call. */
  void sync(String path) {
    call(
        path,
        () -> {
          CompletableFuture<Integer> answer = new CompletableFuture<>();
          client
              .getZookeeperClient()
              .getZooKeeper()
              .sync(path, (rc, p, context) -> answer.complete(rc), null);
          int rc;
          try {
            rc = answer.get(options.connectTimeout().toMillis(), TimeUnit.MILLISECONDS);
          } catch (TimeoutException e) {
            throw new KeeperException.OperationTimeoutException();
          }
          if (rc != Code.OK.intValue()) {
            throw KeeperException.create(Code.get(rc), path);
          }
          return rc;
        });
  }

  Optional<Stat> stat(String path) {
    return call(path, () -> Optional.ofNullable(client.checkExists().forPath(path)));
  }

  /** False when the znode is gone, or has another version. */
  boolean set(String path, byte[] data, int version) {
    checkSize(path, data);
    return call(
        path,
        () -> {
          try {
            client.setData().withVersion(version).forPath(path, data);
            return true;
          } catch (KeeperException.NoNodeException | KeeperException.BadVersionException e) {
            return false;
          }
        });
  }

  /** Removes it now, or in the background once ZooKeeper is back. */
  void delete(String path) {
    call(path, () -> client.delete().quietly().guaranteed().forPath(path));
  }

  /** Removes it some time, without waiting for it; for what must not hold up an end. */
  void deleteLater(String path) {
    try {
      client.delete().guaranteed().inBackground().forPath(path);
    } catch (Exception e) { // Curator declares nothing narrower
      log.debug("{} goes with its ZooKeeper session: {}", path, e.toString());
    }
  }

  void deleteAll(String path) {
    call(path, () -> client.delete().quietly().deletingChildrenIfNeeded().forPath(path));
  }

  /** Deletes the children whose data is a text: those that Curator's recipes made for somebody. */
  void deleteChildren(String path, String text) {
    for (String name : children(path)) {
      String child = path + "/" + name;
      if (get(child).filter(node -> node.text().equals(text)).isPresent()) {
        delete(child);
      }
    }
  }

  /** Empty also when the znode is gone. */
  List<String> children(String path) {
    return call(
        path,
        () -> {
          try {
            return client.getChildren().forPath(path);
          } catch (KeeperException.NoNodeException e) {
            return List.of();
          }
        });
  }

  /** Wraps everything that Curator throws. */
  <T> T call(String path, Callable<T> operation) {
    if (connection.isLost()) {
      throw unreachable(null); // do not let every caller wait for the time-out
    }
    try {
      return operation.call();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TreeUnreachableException("interrupted while waiting for ZooKeeper", e);
    } catch (KeeperException e) {
      throw failure(path, e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) { // Curator declares nothing narrower
      throw new TreeException(path + ": " + e, e);
    }
  }

  private TreeException failure(String path, KeeperException e) {
    return switch (e.code()) {
      case CONNECTIONLOSS, OPERATIONTIMEOUT, SESSIONEXPIRED, SESSIONMOVED, REQUESTTIMEOUT ->
          unreachable(e);
      case NOAUTH, AUTHFAILED, SESSIONCLOSEDREQUIRESASLAUTH, INVALIDACL ->
          new TreeDeniedException(
              options.identity().text()
                  + " has not the right to do this on "
                  + path
                  + ": grant it with 'sheaf zkinitree', or give the user and password of one who"
                  + " has (a wrong password is not told apart)",
              e);
      default -> new TreeException(path + ": " + e.getMessage(), e);
    };
  }

  private TreeUnreachableException unreachable(@Nullable Exception cause) {
    return new TreeUnreachableException(
        "ZooKeeper at " + options.servers() + " does not answer: try again", cause);
  }

  static void checkSize(String path, byte[] data) {
    if (data.length > MAX_DATA) {
      throw new TreeException(
          path + ": " + data.length + " bytes are more than a znode can hold", null);
    }
  }
}
