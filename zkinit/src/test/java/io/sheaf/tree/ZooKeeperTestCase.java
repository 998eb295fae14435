package io.sheaf.tree;

import static io.sheaf.tree.Eventually.eventually;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A real server for each test, and clients of it that are closed at the end. */
abstract class ZooKeeperTestCase {
  static {
    System.setProperty("zookeeper.forceSync", "no"); // nobody pulls the plug here
  }

  protected TestingServer server;
  private final List<Tree> trees = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void startServer() throws Exception {
    server = new TestingServer(new InstanceSpec(null, -1, -1, -1, true, -1, 500, 200), true);
  }

  @AfterEach
  void stopAll() throws Exception {
    trees.forEach(Tree::close);
    server.close();
  }

  Tree connect() {
    return connect(options("4s"));
  }

  Tree connect(TreeOptions options) {
    Tree tree = Tree.connect(options);
    trees.add(tree);
    return tree;
  }

  TreeOptions options(String sessionTimeout) {
    return TreeOptions.of(
        Settings.builder()
            .option(Keys.SERVERS, server.getConnectString())
            .option(Keys.SESSION_TIMEOUT, sessionTimeout)
            .option(Keys.CONNECT_TIMEOUT, "10s")
            .build());
  }

  /** Ends the client's ZooKeeper session on the server, as after too long a silence. */
  void expire(Tree tree) throws Exception {
    ZooKeeper victim = tree.client().getZookeeperClient().getZooKeeper();
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper twin =
        new ZooKeeper(
            server.getConnectString(),
            4000,
            event -> {
              if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
              }
            },
            victim.getSessionId(),
            victim.getSessionPasswd());
    if (!connected.await(30, TimeUnit.SECONDS)) {
      throw new AssertionError("the twin did not connect");
    }
    long before = victim.getSessionId();
    twin.close();
    eventually(
        "a new ZooKeeper session",
        () -> tree.isConnected() && sessionId(tree) != before && sessionId(tree) != 0);
  }

  static long sessionId(Tree tree) {
    try {
      return tree.client().getZookeeperClient().getZooKeeper().getSessionId();
    } catch (Exception e) {
      return 0;
    }
  }

  static SessionRecord session(String name) {
    return new SessionRecord(
        SessionRecord.VERSION, name, "base-1", "/data", new TreeMap<>(), SessionState.OPEN, 1);
  }

  static MemberRecord member(String id) {
    return new MemberRecord(MemberRecord.VERSION, id, "host", 1, null, "0.1.0", 1);
  }

  static PendingBatch batch(String archive, String worker, long seq) {
    Manifest manifest =
        new Manifest(
            Manifest.VERSION,
            Manifest.idOf(worker, seq, archive),
            "s",
            worker,
            seq,
            archive,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            null,
            null);
    String path = ".sheaf/inbox/" + archive + "/" + worker + "-" + seq + ".zip";
    return new PendingBatch(PendingBatch.VERSION, path, 7, manifest);
  }
}
