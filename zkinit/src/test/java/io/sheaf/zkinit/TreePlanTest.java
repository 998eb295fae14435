package io.sheaf.zkinit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.tree.TreeConflictException;
import io.sheaf.tree.TreeDeniedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.NoAuthException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.auth.ProviderRegistry;
import org.apache.zookeeper.server.auth.SASLAuthenticationProvider;
import org.junit.jupiter.api.Test;

class TreePlanTest extends PlanTestCase {
  /** The shape of vsc-zk's own example. */
  private static final String VSC =
      """
      [MAIN]
      servers=127.0.0.1:2181

      [root]
      passwd=admin
      path=/

      [user1]
      passwd=xyz
      [user2]
      passwd=bar
      [user3]
      passwd=bla

      [/admin/user1]
      all=user1
      r=user2,user3
      rw=user3

      [/admin]
      r=user3
      cd=user2
      dcwr=user1
      value=hello
      all=
      """;

  private static final List<String> NOTHING = List.of("unchanged /admin", "unchanged /admin/user1");

  @Test
  void buildsParentsFirstAndChangesNothingTheSecondTime() throws IOException {
    TreePlan plan = plan(VSC);
    List<String> wanted =
        List.of(
            "create /admin | + root=rwcda user3=r user2=cd user1=rwcd",
            "create /admin/user1 | + root=rwcda user1=rwcda user2=r user3=rw");
    assertThat(plan.servers()).contains("127.0.0.1:2181");
    assertThat(compare(plan)).isEqualTo(wanted);
    assertThat(compare(plan)).as("a comparison changes nothing").isEqualTo(wanted);
    assertThat(apply(plan)).isEqualTo(wanted);
    assertThat(apply(plan)).isEqualTo(NOTHING);
    assertThat(TreePlan.differs(connect(plan).compare(true))).isFalse();
  }

  @Test
  void givesEachUserWhatThePlanSays() throws Exception {
    apply(plan(VSC));
    CuratorFramework user1 = client("user1", "xyz");
    CuratorFramework user2 = client("user2", "bar");
    CuratorFramework user3 = client("user3", "bla");
    CuratorFramework guess = client("user1", "guess");
    assertThat(user3.getData().forPath("/admin"))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("hello");
    assertThatThrownBy(() -> user2.getData().forPath("/admin")).isInstanceOf(NoAuthException.class);
    assertThatThrownBy(() -> guess.getData().forPath("/admin")).isInstanceOf(NoAuthException.class);
    assertThatThrownBy(() -> user3.create().forPath("/admin/x"))
        .isInstanceOf(NoAuthException.class);
    user2.create().forPath("/admin/x");
    user2.delete().forPath("/admin/x");
    user1.setData().forPath("/admin", new byte[0]);
    List<ACL> rights = root().getACL().forPath("/admin");
    assertThatThrownBy(() -> user1.setACL().withACL(rights).forPath("/admin"))
        .isInstanceOf(NoAuthException.class);
    user3.setData().forPath("/admin/user1", new byte[1]);
    assertThat(root().getChildren().forPath("/admin")).containsExactly("user1");
  }

  @Test
  void mendsRightsAndPasswordsAndKeepsData() throws Exception {
    apply(plan(VSC));
    TreePlan changed =
        plan(VSC.replace("r=user3\n", "r=user2\n").replace("passwd=xyz", "passwd=new"));
    assertThat(compare(changed))
        .containsExactly(
            "set acl /admin | - root=rwcda user3=r user2=cd user1 (other password)=rwcd"
                + " | + root=rwcda user2=rcd user1=rwcd",
            "set acl /admin/user1 | - root=rwcda user1 (other password)=rwcda user2=r user3=rw"
                + " | + root=rwcda user1=rwcda user2=r user3=rw");
    apply(changed);
    assertThat(compare(changed)).isEqualTo(NOTHING);
    assertThat(root().getData().forPath("/admin"))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("hello");
  }

  @Test
  void showsWhoeverHadRights() throws Exception {
    CuratorFramework root = root();
    root.create().withACL(Ids.OPEN_ACL_UNSAFE).forPath("/open");
    List<ACL> mixed =
        List.of(
            new ACL(Perms.READ, Ids.ANYONE_ID_UNSAFE),
            new ACL(Perms.ALL, new Id("ip", "127.0.0.1")));
    root.create().withACL(mixed).forPath("/mixed");
    assertThat(apply(rooted("[/open]|[/mixed]|r=bob|[bob]|passwd=b")))
        .containsExactly(
            "set acl /mixed | - world:anyone=r ip:127.0.0.1=rwcda | + root=rwcda bob=r",
            "set acl /open | - world:anyone=rwcda | + root=rwcda");
  }

  @Test
  void rightsThatWereGivenInPiecesAreTheSame() throws Exception {
    TreePlan plan = rooted("[/a]|rw=bob|[bob]|passwd=b");
    apply(plan);
    List<ACL> acl = root().getACL().forPath("/a");
    Id bob = acl.get(1).getId();
    root()
        .setACL()
        .withACL(List.of(new ACL(Perms.WRITE, bob), acl.get(0), new ACL(Perms.READ, bob)))
        .forPath("/a");
    assertThat(apply(plan)).containsExactly("unchanged /a");
  }

  @Test
  void createsMissingParentsWhenAsked() throws IOException {
    TreePlan plan = rooted("[/a/b/c]|makepath=true");
    assertThat(apply(plan))
        .containsExactly(
            "create /a | + root=rwcda",
            "create /a/b | + root=rwcda",
            "create /a/b/c | + root=rwcda");
    assertThat(apply(plan)).containsExactly("unchanged /a/b/c");
  }

  @Test
  void changesNothingWhenAParentIsMissing() throws Exception {
    TreePlan orphan = rooted("[/first]|[/z/y]");
    assertThatExceptionOfType(TreeConflictException.class)
        .isThrownBy(() -> apply(orphan))
        .withMessage(
            temp.resolve("tree.cfg")
                + ":4: the parent of /z/y does not exist: add the section [/z], or makepath=true");
    assertThat(root().checkExists().forPath("/first")).isNull();
  }

  @Test
  void namesTheZnodeThatRootMayNotAdminister() throws Exception {
    client("bob", "b")
        .create()
        .creatingParentsIfNeeded()
        .withACL(Ids.CREATOR_ALL_ACL, true)
        .forPath("/bobs/own");
    for (String section : List.of("[/bobs]", "[/bobs/own]", "[/bobs/new]")) {
      assertThatExceptionOfType(TreeDeniedException.class)
          .isThrownBy(() -> apply(rooted(section)))
          .withMessageStartingWith("root may not administer /bobs")
          .withMessageContaining("somebody else made it")
          .withMessageNotContaining("admin:");
    }
  }

  @Test
  void knowsUsersOfOtherSchemes() throws Exception {
    System.setProperty("zookeeper.authProvider.9", SASLAuthenticationProvider.class.getName());
    try {
      ProviderRegistry.addOrUpdateProvider("zookeeper.authProvider.9");
      TreePlan plan =
          rooted(
              "[/a]|r=alice, everyone|w=alice|[alice]|id=sasl:alice@X|[everyone]|id=world:anyone");
      assertThat(apply(plan))
          .containsExactly("create /a | + root=rwcda sasl:alice@X=rw world:anyone=r");
      assertThat(apply(plan)).containsExactly("unchanged /a");
      assertThat(root().getACL().forPath("/a"))
          .contains(new ACL(Perms.READ | Perms.WRITE, new Id("sasl", "alice@X")));
    } finally {
      System.clearProperty("zookeeper.authProvider.9");
      ProviderRegistry.reset();
    }
  }

  @Test
  void saysThatTheServerDoesNotKnowAScheme() throws IOException {
    TreePlan plan = rooted("[/a]|r=alice|[alice]|id=x509:CN=alice,O=b:c");
    assertThatExceptionOfType(TreeDeniedException.class)
        .isThrownBy(() -> apply(plan))
        .withMessageContaining("no such rights for /a")
        .withMessageContaining("the scheme of each id");
  }

  @Test
  void leavesAContainerOrAnEphemeralInPlaceOfAZnode() throws Exception {
    CuratorFramework root = root();
    root.create().withMode(CreateMode.EPHEMERAL).forPath("/e");
    root.create().withMode(CreateMode.CONTAINER).forPath("/c");
    List<PlannedAction> done = connect(rooted("[/c]|[/e]")).apply(false);
    assertThat(lines(done))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("set acl /c"),
            line -> assertThat(line).startsWith("conflict /e: it is ephemeral"));
    assertThat(done.get(1).isLeftUndone()).isTrue();
    assertThat(TreePlan.differs(done)).isTrue();
  }
}
