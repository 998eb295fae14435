package io.sheaf.tree;

import io.sheaf.tree.Znodes.Created;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.ACL;

/** Any znodes with their ACLs, for those who build a tree and not only work in it. */
public final class RawTree implements AutoCloseable {
  private final CuratorFramework client;
  private final Connection connection;
  private final Znodes znodes;

  private RawTree(
      CuratorFramework client, Connection connection, TreeOptions options, TreeAcl acl) {
    this.client = client;
    this.connection = connection;
    this.znodes = new Znodes(client, connection, options, acl);
  }

  /** As {@link Tree#connect}. */
  public static RawTree connect(TreeOptions options) {
    Connection connection = new Connection();
    TreeAcl acl = new TreeAcl(options);
    return new RawTree(CuratorClients.start(options, connection, acl), connection, options, acl);
  }

  /** The ACL of a znode; empty when there is no such znode. */
  public Optional<List<ACL>> acl(String path) {
    return znodes.call(
        path,
        () -> {
          try {
            return Optional.of(client.getACL().forPath(path));
          } catch (KeeperException.NoNodeException e) {
            return Optional.empty();
          }
        });
  }

  /**
   * Makes a persistent znode; false when it exists.
   *
   * @throws TreeConflictException when its parent does not exist
   */
  public boolean create(String path, byte[] data, List<ACL> acl) {
    Created created = znodes.create(path, data, new ArrayList<>(acl));
    if (created == Created.NO_PARENT) {
      String parent = path.substring(0, path.lastIndexOf('/'));
      throw new TreeConflictException(
          "the parent of "
              + path
              + " does not exist: add the section ["
              + parent
              + "], or makepath=true",
          null);
    }
    return created == Created.YES;
  }

  public void setAcl(String path, List<ACL> acl) {
    znodes.call(path, () -> client.setACL().withACL(new ArrayList<>(acl)).forPath(path));
  }

  @Override
  public void close() {
    client.close();
    connection.close();
  }
}
