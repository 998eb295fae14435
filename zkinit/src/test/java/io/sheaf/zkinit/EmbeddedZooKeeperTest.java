package io.sheaf.zkinit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.curator.RetryPolicy;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedZooKeeperTest {
  private static final RetryPolicy RETRY = new RetryOneTime(100);

  @TempDir Path temp;

  private static SessionRecord session(String name) {
    return new SessionRecord(1, name, "b", "/d", new TreeMap<>(), SessionState.OPEN, 1);
  }

  @Test
  void keepsItsDataOverRestarts() throws IOException {
    Path data = temp.resolve("a/b");
    int port;
    try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(data, 0)) {
      port = server.port();
      assertThat(server.servers()).isEqualTo("127.0.0.1:" + port);
      try (Tree tree = Tree.connect(TreeOptions.open(server.servers()))) {
        tree.createOrJoin(session("one"));
      }
    }
    for (String name : new String[] {"two", "three"}) {
      try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(data, port);
          Tree tree = Tree.connect(TreeOptions.open(server.servers()))) {
        assertThat(tree.session("one")).contains(session("one"));
        tree.createOrJoin(session(name));
      }
    }
    try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(data, 0);
        Tree tree = Tree.connect(TreeOptions.open(server.servers()))) {
      assertThat(tree.sessions()).containsExactly("one", "three", "two");
    }
  }

  @Test
  void doesNotSpreadOverTheDisk() throws IOException {
    try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(temp, 0);
        Tree tree = Tree.connect(TreeOptions.open(server.servers()))) {
      tree.createOrJoin(session("one"));
      try (Stream<Path> files = Files.list(temp)) {
        assertThat(files)
            .extracting(Path::getFileName)
            .map(Path::toString)
            .containsExactly("version-2");
      }
      try (Stream<Path> files = Files.walk(temp)) {
        assertThat(files.filter(Files::isRegularFile).mapToLong(p -> p.toFile().length()).sum())
            .isLessThan(4L << 20);
      }
    }
  }

  @Test
  void closesTheListeningSocket() throws IOException {
    EmbeddedZooKeeper server = EmbeddedZooKeeper.start(temp, 0);
    server.close();
    server.close();
    try (ServerSocket socket =
        new ServerSocket(server.port(), 1, InetAddress.getLoopbackAddress())) {
      assertThat(socket.isBound()).isTrue();
    }
  }

  @Test
  void saysThatThePortIsTaken() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = socket.getLocalPort();
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> EmbeddedZooKeeper.start(temp, port))
          .withMessageContaining("cannot listen on 127.0.0.1:" + port)
          .withMessageContaining("choose another port");
    }
  }

  @Test
  void hasContainersAndNodesThatExpire() throws Exception {
    try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(temp, 0);
        CuratorFramework client = CuratorFrameworkFactory.newClient(server.servers(), RETRY)) {
      client.start();
      client.create().withMode(CreateMode.CONTAINER).forPath("/c");
      client.create().withTtl(60_000).withMode(CreateMode.PERSISTENT_WITH_TTL).forPath("/t");
      assertThat(client.getChildren().forPath("/")).contains("c", "t");
    }
  }
}
