package io.sheaf.tree;

import static io.sheaf.tree.Eventually.eventually;
import static io.sheaf.tree.ZooKeeperTestCase.batch;
import static io.sheaf.tree.ZooKeeperTestCase.member;
import static io.sheaf.tree.ZooKeeperTestCase.session;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sheaf.conf.Access;
import io.sheaf.conf.Credentials;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.zkinit.EmbeddedZooKeeper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.NoAuthException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what where rights are split, on every znode that a session has. */
class RightsTest {
  private static final String ALL_OF_BOTH = "coordinator=crd worker=crd";
  private static final String CLAIMS = "coordinator=cwrd";
  private static final ArchiveKey KEY = ArchiveKey.of("a.zip");

  /** As docs/access.md has it, by a pattern of the path; the first that fits counts. */
  private static final Map<String, String> TABLE = table();

  @TempDir Path temp;
  private final Credentials credentials = Credentials.random();
  private final List<Tree> trees = new ArrayList<>();
  private EmbeddedZooKeeper server;
  private Tree admin;
  private Tree coordinator;
  private Tree worker;

  private static Map<String, String> table() {
    Map<String, String> table = new LinkedHashMap<>();
    table.put("/sheaf", "coordinator=r worker=r");
    table.put("/sheaf/bases", "coordinator=crd");
    table.put("/sheaf/bases/.*", CLAIMS);
    table.put("/sheaf/sessions", "coordinator=crd worker=cr");
    table.put("/sheaf/sessions/[^/]*", "coordinator=cwrd worker=cr");
    String session = "/sheaf/sessions/[^/]*/";
    table.put(session + "workers", ALL_OF_BOTH);
    table.put(session + "workers/[^/]*", "coordinator=wr worker=r");
    table.put(session + "coordinators", "coordinator=crd worker=r");
    table.put(session + "coordinators/[^/]*", "coordinator=wr worker=r");
    table.put(session + "leader(/.*)?", "coordinator=cwrd worker=r");
    table.put(session + "pending(/[^/]*){0,3}", "coordinator=crd worker=cr");
    table.put(session + "pending(/[^/]*){4}", "coordinator=r worker=r");
    table.put(session + "failed(/.*)?", "coordinator=cwrd worker=r");
    table.put(session + "usage", "coordinator=cwrd worker=r");
    table.put(session + "stats", "coordinator=crd worker=cr");
    table.put(session + "stats/[^/]*", "coordinator=wr worker=wr");
    table.put("/|/zookeeper|/zookeeper/(config|quota)", "");
    return table;
  }

  @BeforeEach
  void start() throws Exception {
    server = EmbeddedZooKeeper.builder(temp).credentials(credentials).start();
    admin = connect(Access.ADMIN);
    coordinator = connect(Access.COORDINATOR);
    worker = connect(Access.WORKER);
  }

  @AfterEach
  void stop() {
    trees.forEach(Tree::close);
    server.close();
  }

  private Tree connect(Access access) {
    Settings settings =
        Settings.builder()
            .option(Keys.SERVERS, server.servers())
            .option(Keys.CONNECT_TIMEOUT, "10s")
            .build();
    Tree tree = Tree.connect(TreeOptions.of(settings, credentials, access));
    trees.add(tree);
    return tree;
  }

  /** All that a session ever has, with a claim held and a leader. */
  private TreeClaim wholeSession() {
    worker.createOrJoin(session("s"));
    coordinator.createOrJoin(session("s"));
    worker.register("s", Role.WORKER, member("w"));
    coordinator.register("s", Role.COORDINATOR, member("c"));
    worker.publish("s", batch("a.zip", "w", 1));
    worker.publishAll("s", List.of(batch("a.zip", "w", 2), batch("b.zip", "w", 1)));
    worker.putStats("s", "w", StatsRecord.of(1, Map.of()));
    coordinator.putStats("s", "c", StatsRecord.of(1, Map.of()));
    coordinator.publish("s", batch("c.zip", "salvaged", 1));
    coordinator.reportFailed(
        "s", new FailedBatch(1, "a.zip", "q.zip", "broken", ".sheaf/quarantine/q.zip", "c", 1));
    coordinator.lead(
        "s",
        "c",
        new LeadershipListener() {
          @Override
          public void elected() {}

          @Override
          public void deposed() {}
        });
    eventually("a leader", () -> worker.currentLeader("s").isPresent());
    return coordinator.tryClaim("base-1", KEY, "c").orElseThrow();
  }

  private List<String> paths() throws Exception {
    List<String> paths = new ArrayList<>();
    walk("/", paths);
    return paths;
  }

  private void walk(String path, List<String> paths) throws Exception {
    paths.add(path);
    for (String child : admin.client().getChildren().forPath(path)) {
      walk((path.equals("/") ? "" : path) + "/" + child, paths);
    }
  }

  @Test
  void everyZnodeHasTheRightsOfTheTable() throws Exception {
    TreeClaim claim = wholeSession();
    List<String> paths = paths();
    assertThat(paths).hasSizeGreaterThan(35).anyMatch(path -> path.contains("/leases/"));
    for (String path : paths) {
      assertThat(rights(admin.client().getACL().forPath(path)))
          .as(path)
          .doesNotContain("anyone")
          .isEqualTo(("admin=cwrda " + expected(path)).strip());
    }
    claim.ensureValid();
    claim.close();
  }

  private static String expected(String path) {
    return TABLE.entrySet().stream()
        .filter(row -> path.matches(row.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow(() -> new AssertionError("not in the table: " + path));
  }

  private static String rights(List<ACL> acl) {
    StringBuilder text = new StringBuilder();
    for (ACL entry : acl) {
      text.append(entry.getId().getId().replaceFirst(":.*", "")).append('=');
      text.append((entry.getPerms() & Perms.CREATE) != 0 ? "c" : "");
      text.append((entry.getPerms() & Perms.WRITE) != 0 ? "w" : "");
      text.append((entry.getPerms() & Perms.READ) != 0 ? "r" : "");
      text.append((entry.getPerms() & Perms.DELETE) != 0 ? "d" : "");
      text.append((entry.getPerms() & Perms.ADMIN) != 0 ? "a" : "").append(' ');
    }
    return text.toString().strip();
  }

  @Test
  void nobodyReadsOrChangesAnyZnode() throws Exception {
    wholeSession();
    List<String> paths = paths();
    try (CuratorFramework nobody =
        CuratorFrameworkFactory.builder()
            .connectString(server.servers())
            .retryPolicy(new RetryOneTime(10))
            .authorization("digest", "admin:guess".getBytes(StandardCharsets.UTF_8))
            .build()) {
      nobody.start();
      paths.forEach(path -> denied(nobody, path));
    }
    assertThat(paths()).containsExactlyInAnyOrderElementsOf(paths);
  }

  private static void denied(CuratorFramework client, String path) {
    String child = path.equals("/") ? "/x" : path + "/x";
    denied(path, () -> client.getData().forPath(path));
    denied(path, () -> client.getChildren().forPath(path));
    denied(path, () -> client.getACL().forPath(path));
    denied(path, () -> client.setData().forPath(path, new byte[1]));
    denied(path, () -> client.setACL().withACL(Ids.OPEN_ACL_UNSAFE).forPath(path));
    denied(path, () -> client.create().withACL(Ids.OPEN_ACL_UNSAFE).forPath(child));
    if (path.startsWith("/sheaf")) { // ZooKeeper lets nobody delete its own
      denied(path, () -> client.delete().forPath(path));
    }
  }

  private static void denied(String path, ThrowingCallable call) {
    assertThatExceptionOfType(NoAuthException.class).as(path).isThrownBy(call);
  }

  private static void denied(ThrowingCallable call) {
    assertThatExceptionOfType(TreeDeniedException.class)
        .isThrownBy(call)
        .withMessageStartingWith("user worker has not the right to do this on /sheaf/");
  }

  @Test
  void aWorkerTakesNoClaimAndEndsNothing() throws Exception {
    wholeSession().close();
    PendingBatch others = batch("c.zip", "salvaged", 1);
    denied(() -> worker.tryClaim("base-1", KEY, "w"));
    denied(() -> worker.tryClaim("another-base", KEY, "w"));
    denied(() -> worker.claimHolder("base-1", KEY));
    denied(() -> worker.consumed("s", "c.zip", "salvaged", 1));
    denied(() -> worker.consumed("s", "a.zip", "w", 1));
    denied(() -> worker.advance("s", SessionState.OPEN, SessionState.DRAINING));
    denied(() -> worker.deleteSession("s"));
    denied(() -> worker.register("s", Role.COORDINATOR, member("w")));
    denied(
        () ->
            worker.reportFailed(
                "s",
                new FailedBatch(
                    1, "a.zip", "q2.zip", "broken", ".sheaf/quarantine/q2.zip", "c", 1)));
    CuratorFramework raw = worker.client();
    for (String path : paths()) {
      if (path.startsWith("/sheaf") && !path.matches(".*/(stats|workers)/[^/]*")) {
        denied(path, () -> raw.setData().forPath(path, new byte[1]));
        denied(path, () -> raw.delete().forPath(path));
        denied(path, () -> raw.setACL().withACL(Ids.OPEN_ACL_UNSAFE).forPath(path));
      }
    }
    String leader = "/sheaf/sessions/s/leader/x";
    denied(leader, () -> raw.create().withMode(CreateMode.EPHEMERAL).forPath(leader));
    assertThat(worker.pending("s", ArchiveKey.of("c.zip"))).containsExactly(others);
  }

  @Test
  void aWorkerComesAndGoes() {
    worker.createOrJoin(session("s"));
    Registration registration = worker.register("s", Role.WORKER, member("w"));
    assertThat(worker.members("s", Role.WORKER)).hasSize(1);
    registration.close();
    assertThat(worker.members("s", Role.WORKER)).isEmpty();
  }

  @Test
  void aCoordinatorEndsTheSession() throws Exception {
    wholeSession().close();
    assertThat(coordinator.advance("s", SessionState.OPEN, SessionState.DRAINING)).isTrue();
    coordinator.consumed("s", "a.zip", "w", 1);
    assertThat(coordinator.pending("s", KEY)).hasSize(1);
    coordinator.deleteSession("s");
    assertThat(coordinator.session("s")).isEmpty();
    denied("/", () -> coordinator.client().create().forPath("/x"));
  }

  @Test
  void whatALatchLeavesIsTakenOverByCoordinatorsOnly() throws Exception {
    admin.client().create().forPath("/sheaf/sessions/s", new byte[0]);
    assertThatExceptionOfType(TreeConflictException.class)
        .isThrownBy(() -> worker.createOrJoin(session("s")))
        .withMessageContaining("start a coordinator, or try again in a minute");
    coordinator.createOrJoin(session("s"));
    assertThat(worker.createOrJoin(session("s"))).isEqualTo(session("s"));
  }

  @Test
  void newRolesAreReadAfterAReconnect() throws Exception {
    byte[] roles = admin.client().getData().forPath("/sheaf");
    admin.client().setData().forPath("/sheaf", new byte[0]);
    Tree early = connect(Access.COORDINATOR);
    admin.client().setData().forPath("/sheaf", roles);
    early.client().getZookeeperClient().getZooKeeper().getTestable().injectSessionExpiration();
    eventually("the roles", () -> acl(early, "/sheaf/sessions/x").contains("worker="));
  }

  private static String acl(Tree tree, String path) {
    return rights(tree.acl().getAclForPath(path));
  }
}
