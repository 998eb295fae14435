package io.sheaf.zkinit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sheaf.conf.Access;
import io.sheaf.conf.Credentials;
import io.sheaf.conf.CredentialsFile;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeDeniedException;
import io.sheaf.tree.TreeOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.KeeperException.NoAuthException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClosedZooKeeperTest {
  private static final String HOST = "127.0.0.1";

  @TempDir Path temp;
  private final Credentials credentials = Credentials.random();

  private static SessionRecord session(String name) {
    return new SessionRecord(1, name, "b", "/d", new TreeMap<>(), SessionState.OPEN, 1);
  }

  private static Settings settings(String servers) {
    return Settings.builder().option(Keys.SERVERS, servers).build();
  }

  private Tree connect(String servers, Access access) {
    return Tree.connect(TreeOptions.of(settings(servers), credentials, access));
  }

  @Test
  void isClosedToOthersFromTheStart() throws Exception {
    try (EmbeddedZooKeeper server =
            EmbeddedZooKeeper.builder(temp.resolve("zk")).credentials(credentials).start();
        Tree coordinator = connect(server.servers(), Access.COORDINATOR);
        Tree worker = connect(server.servers(), Access.WORKER);
        CuratorFramework nobody =
            CuratorFrameworkFactory.newClient(server.servers(), new RetryOneTime(10))) {
      worker.createOrJoin(session("s"));
      assertThat(coordinator.session("s")).contains(session("s"));
      nobody.start();
      for (String path :
          List.of(
              "/",
              "/zookeeper",
              "/zookeeper/config",
              "/zookeeper/quota",
              "/sheaf",
              "/sheaf/bases",
              "/sheaf/sessions",
              "/sheaf/sessions/s")) {
        deniesAll(nobody, path);
      }
      assertThatExceptionOfType(TreeDeniedException.class)
          .isThrownBy(() -> Tree.connect(TreeOptions.open(server.servers())))
          .withMessageContaining("nobody (no user is configured) has not the right")
          .withMessageContaining("/sheaf");
    }
  }

  private static void deniesAll(CuratorFramework client, String path) {
    String child = path.equals("/") ? "/x" : path + "/x";
    List<ThrowableAssert.ThrowingCallable> calls = new ArrayList<>();
    calls.add(() -> client.getData().forPath(path));
    calls.add(() -> client.getChildren().forPath(path));
    calls.add(() -> client.getACL().forPath(path));
    calls.add(() -> client.setData().forPath(path, new byte[1]));
    calls.add(() -> client.setACL().withACL(Ids.OPEN_ACL_UNSAFE).forPath(path));
    calls.add(() -> client.create().withACL(Ids.OPEN_ACL_UNSAFE).forPath(child, new byte[0]));
    if (path.startsWith("/sheaf")) { // ZooKeeper lets nobody delete its own
      calls.add(() -> client.delete().forPath(path));
    }
    calls.forEach(
        call -> assertThatExceptionOfType(NoAuthException.class).as(path).isThrownBy(call));
  }

  @Test
  void goesOnWithTheSamePasswordsOnly() throws IOException {
    Path file = temp.resolve("credentials.json");
    CredentialsFile.create(file, credentials);
    Path data = temp.resolve("zk");
    try (EmbeddedZooKeeper server = builder(data).start();
        Tree tree = connect(server.servers(), Access.COORDINATOR)) {
      tree.createOrJoin(session("s"));
    }
    Credentials kept = CredentialsFile.read(file, "--credentials");
    try (EmbeddedZooKeeper server = EmbeddedZooKeeper.builder(data).credentials(kept).start();
        Tree tree = connect(server.servers(), Access.WORKER)) {
      assertThat(tree.sessions()).containsExactly("s");
    }
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> EmbeddedZooKeeper.builder(data).credentials(Credentials.random()).start())
        .withMessageContaining("other passwords");
  }

  private EmbeddedZooKeeper.Builder builder(Path data) {
    return EmbeddedZooKeeper.builder(data).credentials(credentials);
  }

  @Test
  void doesNotCloseWhatWasOpen() throws IOException {
    EmbeddedZooKeeper.start(temp, 0).close();
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> builder(temp).start())
        .withMessageContaining("is open");
  }

  @Test
  void threeServersServeTogetherAndLoseOne() throws Exception {
    List<EnsembleServer> servers = servers();
    List<EmbeddedZooKeeper> running = new ArrayList<>();
    try {
      for (EnsembleServer server : servers) {
        running.add(
            builder(temp.resolve("zk" + server.id())).ensemble(server.id(), servers).start());
      }
      String all = String.join(",", servers.stream().map(EnsembleServer::address).toList());
      try (Tree tree = connect(all, Access.COORDINATOR)) {
        tree.createOrJoin(session("s"));
        running.get(2).close();
        running.get(1).close();
        running.set(1, builder(temp.resolve("zk2")).ensemble(2, servers).start());
      }
      try (Tree tree = connect(servers.get(0).address(), Access.WORKER)) {
        assertThat(tree.sessions()).containsExactly("s");
      }
    } finally {
      running.forEach(EmbeddedZooKeeper::close);
    }
  }

  private static List<EnsembleServer> servers() throws IOException {
    List<EnsembleServer> servers = new ArrayList<>();
    try (ReservedPorts reserved = ReservedPorts.of(HOST, 9)) {
      List<Integer> ports = reserved.ports();
      for (int i = 0; i < 3; i++) {
        servers.add(
            new EnsembleServer(
                i + 1, HOST, ports.get(3 * i), ports.get(3 * i + 1), ports.get(3 * i + 2)));
      }
    }
    return servers;
  }
}
