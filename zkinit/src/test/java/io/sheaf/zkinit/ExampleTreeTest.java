package io.sheaf.zkinit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.conf.Secret;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeDeniedException;
import io.sheaf.tree.TreeOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.NoAuthException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** {@code conf/zkinitree.cfg}: what each of its users may do. */
class ExampleTreeTest extends PlanTestCase {
  private static final Path EXAMPLE = Path.of("../conf/zkinitree.cfg");

  @Override
  Map<String, String> environment() {
    return Map.of(
        "ZKINITREE_ROOT_PASSWORD", "admin",
        "ZKINITREE_ADMIN_PASSWORD", "a",
        "ZKINITREE_COORDINATOR_PASSWORD", "c",
        "ZKINITREE_WORKER_PASSWORD", "w");
  }

  private TreePlan example() {
    return TreePlan.read(EXAMPLE, environment());
  }

  @Test
  void givesEachRoleWhatItNeeds() throws Exception {
    assertThat(apply(example()))
        .containsExactly(
            "create /sheaf: with roles"
                + " | + root=rwcda sheaf-admin=rwcda sheaf-coordinator=r sheaf-worker=r",
            "create /sheaf/bases | + root=rwcda sheaf-admin=rwcda sheaf-coordinator=rcd",
            "create /sheaf/sessions"
                + " | + root=rwcda sheaf-admin=rwcda sheaf-coordinator=rcd sheaf-worker=rc");
    CuratorFramework worker = client("sheaf-worker", "w");
    worker.getData().forPath("/sheaf");
    worker.create().forPath("/sheaf/sessions/s", new byte[0]);
    denied(() -> worker.delete().forPath("/sheaf/sessions/s"));
    denied(() -> worker.create().forPath("/sheaf/bases/b"));
    denied(() -> worker.getChildren().forPath("/sheaf/bases"));
    denied(() -> worker.create().forPath("/sheaf/other"));
    denied(() -> worker.setData().forPath("/sheaf", new byte[0]));
    CuratorFramework coordinator = client("sheaf-coordinator", "c");
    coordinator.create().forPath("/sheaf/bases/b", new byte[0]);
    coordinator.delete().forPath("/sheaf/sessions/s");
    denied(() -> coordinator.setData().forPath("/sheaf", new byte[0]));
    denied(() -> coordinator.setACL().withACL(Ids.OPEN_ACL_UNSAFE).forPath("/sheaf/bases"));
    CuratorFramework admin = client("sheaf-admin", "a");
    admin.delete().forPath("/sheaf/bases/b");
    admin.setACL().withACL(admin.getACL().forPath("/sheaf")).forPath("/sheaf");
    CuratorFramework nobody = client("nobody", "n");
    for (String path : List.of("/sheaf", "/sheaf/bases", "/sheaf/sessions")) {
      denied(() -> nobody.getData().forPath(path));
      denied(() -> nobody.getChildren().forPath(path));
      denied(() -> nobody.create().forPath(path + "/x"));
    }
  }

  private static void denied(ThrowingCallable action) {
    assertThatThrownBy(action).isInstanceOf(NoAuthException.class);
  }

  @Test
  void servesACoordinatorAndNobodyElse() {
    TreePlan plan = example();
    apply(plan);
    SessionRecord session =
        new SessionRecord(1, "s", "b", "/d", new TreeMap<>(), SessionState.OPEN, 1);
    try (Tree member = Tree.connect(as("sheaf-coordinator", "c"))) {
      member.createOrJoin(session);
      assertThat(member.sessions()).containsExactly("s");
    }
    assertThatExceptionOfType(TreeDeniedException.class).isThrownBy(() -> asNobody(Tree::sessions));
    assertThatExceptionOfType(TreeDeniedException.class)
        .isThrownBy(() -> asNobody(tree -> tree.createOrJoin(session)));
    assertThat(compare(plan)).allMatch(line -> line.startsWith("unchanged "));
  }

  private void asNobody(Consumer<Tree> action) {
    try (Tree nobody = Tree.connect(TreeOptions.open(server.getConnectString()))) {
      action.accept(nobody);
    }
  }

  private TreeOptions as(String user, String password) {
    return new TreeOptions(
        server.getConnectString(), "/sheaf", TIMEOUT, TIMEOUT, user, new Secret(password));
  }

  @Test
  void pruningLeavesSessionsAndBasesAlone() throws Exception {
    TreePlan plan = example();
    apply(plan);
    CuratorFramework root = root();
    root.create().creatingParentsIfNeeded().forPath("/sheaf/sessions/s/workers");
    root.create()
        .creatingParentsIfNeeded()
        .withMode(CreateMode.EPHEMERAL)
        .forPath("/sheaf/bases/b/locks/x");
    root.create().forPath("/sheaf/old");
    assertThat(lines(connect(plan).apply(true)))
        .containsExactly(
            "unchanged /sheaf",
            "unchanged /sheaf/bases",
            "unchanged /sheaf/sessions",
            "remove /sheaf/old");
    assertThat(root.checkExists().forPath("/sheaf/sessions/s/workers")).isNotNull();
    assertThat(root.checkExists().forPath("/sheaf/bases/b/locks/x")).isNotNull();
  }
}
