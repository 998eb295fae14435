package io.sheaf.zkinit;

import static io.sheaf.tree.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sheaf.tree.TreeConflictException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.data.Stat;
import org.junit.jupiter.api.Test;

class HolderTest extends PlanTestCase {
  private static long owner(CuratorFramework client, String path) {
    try {
      Stat stat = client.checkExists().forPath(path);
      return stat == null ? 0 : stat.getEphemeralOwner();
    } catch (Exception e) {
      return 0;
    }
  }

  private static int count(CuratorFramework client, String path) {
    try {
      return client.getChildren().forPath(path).size();
    } catch (Exception e) {
      return -1;
    }
  }

  @Test
  void holdsUntilItIsClosed() throws Exception {
    TreePlan plan = rooted("[/a]|[/a/alive]|ephemeral=true|value=x|[/a/n-]|ephemeral=1|sequence=1");
    CuratorFramework root = root();
    try (PlanSession session = connect(plan)) {
      assertThat(lines(session.apply(false)))
          .contains("create /a/alive: ephemeral | + root=rwcda")
          .contains("create /a/n-0000000001: ephemeral, sequence | + root=rwcda");
      try (Holder holder = session.hold(path -> {})) {
        assertThat(root.getData().forPath("/a/alive")).asString().isEqualTo("x");
        assertThat(compare(plan)).allMatch(line -> line.startsWith("unchanged /a"));
        root.delete().forPath("/a/alive");
        root.delete().forPath("/a/n-0000000001");
        eventually("made again", () -> owner(root, "/a/alive") != 0 && count(root, "/a") == 2);
        assertThat(root.getACL().forPath("/a/alive")).hasSize(1);
        Runnable signal = holder::close;
        signal.run();
        holder.await();
      }
      assertThat(count(root, "/a")).isEqualTo(2);
    }
    eventually("gone with the connection", () -> count(root, "/a") == 0);
  }

  @Test
  void takesOverFromAnotherHolder() throws Exception {
    TreePlan plan = rooted("[/alive]|ephemeral=true|[/n-]|ephemeral=true|sequence=true");
    CuratorFramework root = root();
    PlanSession first = connect(plan);
    first.apply(false);
    long before = owner(root, "/alive");
    try (PlanSession second = connect(plan);
        Holder standby = second.hold(path -> {})) {
      assertThat(lines(second.apply(false))).hasSize(2).allMatch(l -> l.startsWith("unchanged"));
      first.close();
      eventually("taken over", () -> owner(root, "/alive") != 0 && owner(root, "/alive") != before);
      eventually("one of the sequence", () -> count(root, "/") == 3);
      assertThat(standby).isNotNull();
    }
  }

  @Test
  void makesThemAgainInANewSession() throws Exception {
    TreePlan plan = rooted("[/alive]|ephemeral=true");
    try (PlanSession session = connect(plan)) {
      session.apply(false);
      try (Holder holder = session.hold(path -> {})) {
        long before = session.tree().find("/alive").orElseThrow().stat().getEphemeralOwner();
        int port = server.getPort();
        server.close();
        server = new TestingServer(port); // knows neither the session nor the znode
        CuratorFramework root = root();
        eventually(
            "made again", () -> owner(root, "/alive") != 0 && owner(root, "/alive") != before);
        assertThat(holder).isNotNull();
      }
    }
  }

  @Test
  void saysThatItCannotGoOn() throws Exception {
    TreePlan plan = rooted("[/a]|[/a/alive]|ephemeral=true");
    try (PlanSession session = connect(plan);
        Holder holder = hold(session)) {
      root().delete().deletingChildrenIfNeeded().forPath("/a");
      assertThatExceptionOfType(TreeConflictException.class)
          .isThrownBy(holder::await)
          .withMessageContaining("/a/alive");
    }
  }

  private static Holder hold(PlanSession session) {
    session.apply(false);
    return session.hold(path -> {});
  }

  @Test
  void doesNotTakeAPersistentZnodeForItsOwn() throws Exception {
    root().create().forPath("/alive");
    TreePlan plan = rooted("[/alive]|ephemeral=true");
    assertThat(lines(connect(plan).apply(false)))
        .containsExactly("conflict /alive: it is persistent and should be ephemeral: remove it");
  }
}
