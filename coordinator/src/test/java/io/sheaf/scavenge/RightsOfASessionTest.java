package io.sheaf.scavenge;

import static io.sheaf.scavenge.Cluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Access;
import io.sheaf.conf.Credentials;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.Depositor;
import io.sheaf.deposit.SocketDepositor;
import io.sheaf.disk.SystemDisk;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import io.sheaf.worker.WorkerDaemon;
import io.sheaf.zkinit.EmbeddedZooKeeper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.KeeperException.NoNodeException;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker and a coordinator, each with its own rights only, do all that a session needs. */
class RightsOfASessionTest {
  @TempDir Path temp;
  private final Credentials credentials = Credentials.random();
  private final SystemDisk disk = new SystemDisk();
  private final Set<String> seen = new TreeSet<>();

  private Tree connect(Settings settings, Access access) {
    return Tree.connect(TreeOptions.of(settings, credentials, access));
  }

  @Test
  void mergesQuarantinesAndEndsAndLeavesNoZnodeOpen() throws Exception {
    Path root = Files.createDirectory(temp.resolve("base"));
    BaseDirectory base = BaseDirectory.create(disk, root);
    Path broken = Files.createDirectories(base.root().resolve(".sheaf/inbox/broken.zip"));
    Files.writeString(broken.resolve("host-1-abc-1.zip"), "this is no batch");
    try (EmbeddedZooKeeper server =
            EmbeddedZooKeeper.builder(temp.resolve("zk")).credentials(credentials).start();
        CuratorFramework admin = admin(server.servers())) {
      admin.start();
      Settings settings =
          Settings.builder()
              .option(Keys.SERVERS, server.servers())
              .option(Keys.SESSION, "s")
              .option(Keys.BASE, root.toString())
              .option(Keys.SOCKET, temp.resolve("w.sock").toString())
              .option(Keys.SCAN_INTERVAL, "500ms")
              .option(Keys.ROTATE_ENTRIES, "2")
              .build();
      try (Tree ofWorker = connect(settings, Access.WORKER);
          Tree ofCoordinator = connect(settings, Access.COORDINATOR);
          WorkerDaemon worker = WorkerDaemon.start(settings, disk, ofWorker, Clock.systemUTC());
          CoordinatorDaemon coordinator =
              CoordinatorDaemon.start(settings, disk, ofCoordinator, Clock.systemUTC())) {
        deposit(worker.socket());
        eventually("merged", () -> look(admin) && Files.exists(root.resolve("a3.zip")));
        eventually("in quarantine", () -> look(admin) && !ofWorker.failed("s").isEmpty());
        eventually("statistics", () -> look(admin) && ofWorker.stats("s").size() > 1);
        ofCoordinator.advance("s", SessionState.OPEN, SessionState.DRAINING);
        eventually("the session has ended", () -> look(admin) && ofWorker.session("s").isEmpty());
        coordinator.awaitEnd();
      }
    }
    for (String part : List.of("workers", "coordinators", "leader", "pending", "failed", "stats")) {
      assertThat(seen).anyMatch(path -> path.startsWith("/sheaf/sessions/s/" + part + "/"));
    }
    assertThat(seen).anyMatch(path -> path.matches("/sheaf/bases/[^/]*/locks/.*"));
  }

  private static void deposit(Path socket) throws Exception {
    try (Depositor depositor = SocketDepositor.connect(socket)) {
      for (int i = 0; i < 40; i++) {
        byte[] bytes = ("file " + i).getBytes(StandardCharsets.UTF_8);
        depositor.deposit("a" + i % 4 + ".zip/f" + i, bytes, DepositOptions.DEFAULT);
      }
    }
  }

  private CuratorFramework admin(String servers) {
    String login = "admin:" + credentials.password(Access.ADMIN).reveal();
    return CuratorFrameworkFactory.builder()
        .connectString(servers)
        .retryPolicy(new RetryOneTime(100))
        .authorization("digest", login.getBytes(StandardCharsets.UTF_8))
        .build();
  }

  /** Checks every znode that is there now. */
  private boolean look(CuratorFramework admin) throws Exception {
    walk(admin, "/");
    return true;
  }

  private void walk(CuratorFramework admin, String path) throws Exception {
    try {
      check(path, admin.getACL().forPath(path));
      for (String child : admin.getChildren().forPath(path)) {
        walk(admin, (path.equals("/") ? "" : path) + "/" + child);
      }
    } catch (NoNodeException e) {
      return; // gone while we walked
    }
  }

  private void check(String path, List<ACL> acl) {
    seen.add(path);
    assertThat(acl).as(path).isNotEmpty();
    for (ACL entry : acl) {
      String who = entry.getId().getId().replaceFirst(":.*", "");
      assertThat(entry.getId().getScheme()).as(path).isEqualTo("digest");
      assertThat(who).as(path).isIn("admin", "coordinator", "worker");
      if (!who.equals("admin")) {
        assertThat(entry.getPerms() & Perms.ADMIN).as(path).isZero();
      }
      if (who.equals("worker")) {
        boolean mayWrite = path.matches("/sheaf/sessions/s/stats/.*");
        boolean mayDelete = path.equals("/sheaf/sessions/s/workers");
        assertThat((entry.getPerms() & Perms.WRITE) != 0).as(path).isEqualTo(mayWrite);
        assertThat((entry.getPerms() & Perms.DELETE) != 0).as(path).isEqualTo(mayDelete);
      }
    }
  }
}
