package io.sheaf.zkinit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.junit.jupiter.api.Test;

class PruningTest extends PlanTestCase {
  private List<String> prune(TreePlan plan) {
    return lines(connect(plan).apply(true)).stream().filter(l -> !l.startsWith("un")).toList();
  }

  private void make(String... paths) throws Exception {
    CuratorFramework root = root();
    for (String path : paths) {
      root.create().creatingParentsIfNeeded().forPath(path, new byte[0]);
    }
  }

  @Test
  void removesWhatIsNotNamedUnderWhatIsAndNothingElse() throws Exception {
    TreePlan plan = rooted("[/a]|[/a/b/c]|makepath=true|[/a/q-]|sequence=true|[/z]|prune=false");
    apply(plan);
    make("/other/x", "/a/b/old", "/a/b/c/old/er", "/a/b/c/old/est", "/z/kept", "/a/q-1");
    make("/a/q-0000000001/task");
    List<String> wanted =
        List.of(
            "remove /a/q-0000000001/task",
            "remove /a/b/c/old: and 2 under it",
            "remove /a/q-1",
            "remove /a/b/old");
    List<PlannedAction> planned = connect(plan).compare(true);
    assertThat(lines(planned)).containsAll(wanted);
    assertThat(TreePlan.differs(planned)).isTrue();
    assertThat(TreePlan.differs(connect(plan).compare(false))).isFalse();
    assertThat(prune(plan)).containsExactlyInAnyOrderElementsOf(wanted);
    assertThat(prune(plan)).isEmpty();
    CuratorFramework root = root();
    for (String path : List.of("/other/x", "/a/b/c", "/z/kept", "/a/q-0000000001")) {
      assertThat(root.checkExists().forPath(path)).as(path).isNotNull();
    }
    assertThat(root.getChildren().forPath("/a")).containsExactlyInAnyOrder("b", "q-0000000001");
    assertThat(root.getChildren().forPath("/a/b/c")).isEmpty();
  }

  @Test
  void neverTakesWhatZooKeeperKeeps() throws Exception {
    make("/old", "/zookeeper2");
    assertThat(prune(rooted("[/]"))).contains("remove /old", "remove /zookeeper2");
    assertThat(root().getChildren().forPath("/")).containsExactly("zookeeper");
    assertThat(root().checkExists().forPath("/zookeeper/quota")).isNotNull();
  }

  @Test
  void keepsWhereSomebodyWorks() throws Exception {
    TreePlan plan = rooted("[/a]");
    apply(plan);
    make("/a/gone", "/a/busy/deep/er", "/a/busy/idle");
    CuratorFramework worker = root();
    worker.create().withMode(CreateMode.EPHEMERAL).forPath("/a/busy/deep/alive");
    worker.create().withMode(CreateMode.CONTAINER).forPath("/a/container");
    List<PlannedAction> done = connect(plan).apply(true);
    assertThat(lines(done))
        .containsExactlyInAnyOrder(
            "unchanged /a",
            "keep /a/busy: /a/busy/deep/alive is ephemeral: somebody works there",
            "remove /a/container",
            "remove /a/gone");
    assertThat(done).filteredOn(PlannedAction::isLeftUndone).hasSize(1);
    assertThat(root().checkExists().forPath("/a/busy/idle")).isNotNull();
    worker.delete().forPath("/a/busy/deep/alive");
    assertThat(prune(plan)).containsExactly("remove /a/busy: and 3 under it");
  }

  /** The expectation is counted from all paths at once; the seed is in the message. */
  @Test
  void randomTreesKeepJustWhatThePlanNames() throws Exception {
    long seed = Long.getLong("sheaf.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 5; round++) {
      String top = "/t" + round;
      Set<String> all = new TreeSet<>(List.of(top));
      while (all.size() < 25) {
        List<String> parents = new ArrayList<>(all);
        all.add(parents.get(random.nextInt(parents.size())) + "/" + random.nextInt(3));
      }
      make(all.toArray(String[]::new));
      Set<String> named = new TreeSet<>(List.of(top));
      Set<String> open = new TreeSet<>();
      StringBuilder text = new StringBuilder("[" + top + "]");
      for (String path : all) {
        if (!path.equals(top) && random.nextInt(4) == 0) {
          named.add(path);
          text.append("|[").append(path).append(']');
          if (random.nextInt(3) == 0) {
            open.add(path);
            text.append("|prune=false");
          }
        }
      }
      try (PlanSession session = connect(rooted(text.toString()))) {
        session.apply(true);
      }
      for (String path : all) {
        boolean there = root().checkExists().forPath(path) != null;
        assertThat(there)
            .as("seed %s: %s under %s", seed, path, text)
            .isEqualTo(isNamedOrAbove(path, named) || open.contains(closest(path, named)));
      }
    }
  }

  private static boolean isNamedOrAbove(String path, Set<String> named) {
    return named.stream().anyMatch(n -> n.equals(path) || n.startsWith(path + "/"));
  }

  /** The named znode that is the closest above a path. */
  private static String closest(String path, Set<String> named) {
    String at = path;
    while (!named.contains(at)) {
      at = at.substring(0, at.lastIndexOf('/'));
    }
    return at;
  }

  @Test
  void leavesWhatChangedSinceItWasSeen() throws Exception {
    TreePlan plan = rooted("[/a]");
    apply(plan);
    make("/a/x/y");
    PlanSession session = connect(plan);
    Step removal = session.steps(true).get(1);
    root().setData().forPath("/a/x/y", new byte[1]);
    try (var tree = session) {
      assertThat(removal.change().make(tree.tree()).toString())
          .isEqualTo("keep /a/x: /a/x/y has just changed: somebody works there");
    }
    assertThat(root().checkExists().forPath("/a/x/y")).isNotNull();
  }
}
