package io.sheaf.zkinit;

import io.sheaf.conf.Credentials;
import io.sheaf.tree.ClosedTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.server.DataTree;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;

/**
 * The data of a server that is closed from the start. They are written before it serves: between
 * the start and a first client that would close it, another user could be the first.
 */
final class ClosedData {
  private static final long NEVER_CHANGED = 0;
  private static final List<String> ZOOKEEPERS_OWN =
      List.of("/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config");

  private ClosedData() {}

  /**
   * Writes the first snapshot into an empty directory, durably. All servers of an ensemble write
   * the same.
   *
   * @throws IOException when there are data that are not closed in the same way
   */
  static void prepare(Path data, Credentials credentials) throws IOException {
    ClosedTree closed = new ClosedTree(credentials);
    FileTxnSnapLog files = new FileTxnSnapLog(data.toFile(), data.toFile());
    try {
      if (files.getLastLoggedZxid() < 0 && files.findNRecentSnapshots(1).isEmpty()) {
        files.save(tree(closed), new ConcurrentHashMap<>(), true);
      } else {
        requireClosed(data, files, closed);
      }
    } catch (KeeperException e) {
      throw new IllegalStateException("a new tree lacks its own znodes", e);
    } finally {
      files.close();
    }
  }

  private static DataTree tree(ClosedTree closed) throws KeeperException {
    DataTree tree = new DataTree();
    for (String path : ZOOKEEPERS_OWN) {
      tree.setACL(path, closed.acl(path), -1);
    }
    for (Map.Entry<String, byte[]> node : closed.znodes().entrySet()) {
      String path = node.getKey();
      tree.createNode(path, node.getValue(), closed.acl(path), 0, -1, NEVER_CHANGED, NEVER_CHANGED);
    }
    return tree;
  }

  private static void requireClosed(Path data, FileTxnSnapLog files, ClosedTree closed)
      throws IOException, KeeperException {
    DataTree tree = new DataTree();
    files.restore(tree, new ConcurrentHashMap<>(), (header, record, digest) -> {});
    for (String path : ZOOKEEPERS_OWN) {
      List<ACL> there = tree.getACL(path, new Stat());
      if (!Grants.same(there, closed.acl(path))) {
        throw new IOException(
            data
                + " holds the data of a ZooKeeper that is open, or has other passwords: give an"
                + " empty directory, or the credentials that it was started with");
      }
    }
  }
}
