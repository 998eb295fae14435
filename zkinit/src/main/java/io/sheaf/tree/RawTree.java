package io.sheaf.tree;

import io.sheaf.tree.Znodes.Created;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Any znodes with their ACLs, for those who build a tree and not only work in it. Paths are under a
 * chroot, which need not be there: {@code /} is then missing.
 */
public final class RawTree implements AutoCloseable {
  private final CuratorFramework client;
  private final Connection connection;
  private final TreeOptions options;
  private final Chroot chroot;
  private final Znodes znodes;

  private RawTree(
      CuratorFramework client,
      Connection connection,
      TreeOptions options,
      TreeAcl acl,
      Chroot chroot) {
    this.client = client;
    this.connection = connection;
    this.options = options;
    this.chroot = chroot;
    this.znodes = new Znodes(client, connection, options, acl);
  }

  /**
   * As {@link Tree#connect}; what is read from then on is no older than the call.
   *
   * @param options with the hosts of the chroot as servers
   */
  public static RawTree connect(TreeOptions options, Chroot chroot) {
    Connection connection = new Connection();
    TreeAcl acl = new TreeAcl(options);
    CuratorFramework client = CuratorClients.start(options, connection, acl);
    RawTree tree = new RawTree(client, connection, options, acl, chroot);
    try {
      tree.znodes.sync("/");
      return tree;
    } catch (TreeException e) {
      tree.close();
      throw e;
    }
  }

  /** The znode that {@code /} is; empty without a chroot. */
  public String chroot() {
    return chroot.path();
  }

  public Optional<RawNode> find(String path) {
    return find(path, null);
  }

  /** As {@link #find(String)}; calls once after the next change, on ZooKeeper's thread. */
  public Optional<RawNode> watch(String path, Runnable changed) {
    return find(path, event -> changed.run());
  }

  private Optional<RawNode> find(String path, @Nullable Watcher watcher) {
    String znode = chroot.under(path);
    return call(
        path,
        () -> {
          if (watcher != null) {
            var unused = client.checkExists().usingWatcher(watcher).forPath(znode);
          }
          try {
            Stat stat = new Stat();
            List<ACL> acl = client.getACL().storingStatIn(stat).forPath(znode);
            return Optional.of(new RawNode(acl, stat));
          } catch (KeeperException.NoNodeException e) {
            return Optional.empty();
          }
        });
  }

  public boolean exists(String path) {
    return call(path, () -> client.checkExists().forPath(chroot.under(path)) != null);
  }

  /** The data of a znode; nothing of one that is not there. */
  public byte[] data(String path) {
    return call(
        path, () -> znodes.get(chroot.under(path)).map(Znodes.Node::data).orElse(new byte[0]));
  }

  /** Names of the children, sorted; none of a znode that is not there. */
  public List<String> children(String path) {
    return call(path, () -> znodes.children(chroot.under(path)).stream().sorted().toList());
  }

  /** As {@link #children}; calls once after the next change, on ZooKeeper's thread. */
  public List<String> watchChildren(String path, Runnable changed) {
    Watcher watcher = event -> changed.run();
    return call(
        path,
        () -> {
          try {
            return client.getChildren().usingWatcher(watcher).forPath(chroot.under(path));
          } catch (KeeperException.NoNodeException e) {
            return List.of();
          }
        });
  }

  /**
   * All znodes at and under a path, each before those that are under it.
   *
   * @throws TreeDeniedException when the children of one may not be seen
   */
  public List<RawPath> subtree(String path) {
    List<RawPath> found = new ArrayList<>();
    addSubtree(path, found);
    return found;
  }

  private void addSubtree(String path, List<RawPath> found) {
    Stat stat = new Stat();
    List<String> children =
        call(
            path,
            () -> {
              try {
                return client.getChildren().storingStatIn(stat).forPath(chroot.under(path));
              } catch (KeeperException.NoNodeException e) {
                return null;
              }
            });
    if (children != null) {
      found.add(new RawPath(path, stat.getVersion(), RawNode.isEphemeral(stat)));
      children.forEach(child -> addSubtree(path + "/" + child, found));
    }
  }

  /**
   * Makes a znode; false when it exists.
   *
   * @throws TreeConflictException when its parent does not exist
   */
  public boolean create(String path, byte[] data, List<ACL> acl, boolean ephemeral) {
    String znode = chroot.under(path);
    CreateMode mode = ephemeral ? CreateMode.EPHEMERAL : CreateMode.PERSISTENT;
    List<ACL> rights = new ArrayList<>(acl);
    if (path.equals("/")) {
      for (String parent : chroot.parents()) {
        call(parent, () -> znodes.create(parent, new byte[0], rights, CreateMode.PERSISTENT));
      }
    }
    Created created = call(path, () -> znodes.create(znode, data, rights, mode));
    if (created == Created.NO_PARENT) {
      throw noParent(path);
    }
    return created == Created.YES;
  }

  /**
   * Makes a znode with a number behind its name. Is not tried again after the connection broke: who
   * wants one and no more must look first.
   *
   * @return its path
   */
  public String createNext(String path, byte[] data, List<ACL> acl, boolean ephemeral) {
    CreateMode mode =
        ephemeral ? CreateMode.EPHEMERAL_SEQUENTIAL : CreateMode.PERSISTENT_SEQUENTIAL;
    Znodes.checkSize(path, data);
    String znode =
        call(
            path,
            () -> {
              try {
                return client
                    .getZookeeperClient()
                    .getZooKeeper()
                    .create(chroot.under(path), data, new ArrayList<>(acl), mode);
              } catch (KeeperException.NoNodeException e) {
                throw noParent(path);
              }
            });
    return znode.substring(chroot.path().length());
  }

  private static TreeConflictException noParent(String path) {
    return new TreeConflictException("the parent of " + path + " is gone: try again", null);
  }

  public void setAcl(String path, List<ACL> acl) {
    call(path, () -> client.setACL().withACL(new ArrayList<>(acl)).forPath(chroot.under(path)));
  }

  public void setData(String path, byte[] data) {
    Znodes.checkSize(path, data);
    call(path, () -> client.setData().forPath(chroot.under(path), data));
  }

  /** False when it was changed since, or has children. One that is gone is deleted. */
  public boolean delete(String path, int version) {
    return call(
        path,
        () -> {
          try {
            client.delete().withVersion(version).forPath(chroot.under(path));
            return true;
          } catch (KeeperException.NoNodeException e) {
            return true;
          } catch (KeeperException.NotEmptyException | KeeperException.BadVersionException e) {
            return false;
          }
        });
  }

  /** Calls the listener at every change of the connection, on a thread of its own. */
  public Watch onConnection(Consumer<ConnectionChange> listener) {
    return connection.listen(listener);
  }

  private <T> T call(String path, Callable<T> operation) {
    try {
      return znodes.call(path, operation);
    } catch (TreeDeniedException e) {
      throw denied(chroot.under(path), e);
    }
  }

  private TreeDeniedException denied(String znode, TreeDeniedException e) {
    if (e.getCause() instanceof KeeperException.InvalidACLException) {
      return new TreeDeniedException(
          "ZooKeeper takes no such rights for "
              + znode
              + ": its servers must know the scheme of each id, such as sasl or x509",
          e.getCause());
    }
    String who = options.user() == null ? options.identity().text() : options.user();
    return new TreeDeniedException(
        who
            + " may not administer "
            + znode
            + ": somebody else made it, or the password is another: have its owner give "
            + who
            + " all rights, or correct the password",
        e.getCause());
  }

  /** Removes what is ephemeral. */
  @Override
  public void close() {
    client.close();
    connection.close();
  }
}
