package io.sheaf.zkinit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.Secret;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeConflictException;
import io.sheaf.tree.TreeDeniedException;
import io.sheaf.tree.TreeOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.KeeperException.NoAuthException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TreePlanTest {
  private static final Path EXAMPLE = Path.of("../conf/zkinitree.cfg");
  private static final Map<String, String> PASSWORDS =
      Map.of("ZKINITREE_ROOT_PASSWORD", "r00t", "ZKINITREE_SHEAF_PASSWORD", "sh3af");
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

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

  @TempDir Path temp;
  private TestingServer server;

  @BeforeEach
  void startServer() throws Exception {
    server = new TestingServer();
  }

  @AfterEach
  void stopServer() throws IOException {
    server.close();
  }

  private TreePlan plan(String text) throws IOException {
    Path file = Files.writeString(temp.resolve("tree.cfg"), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return TreePlan.read(file, PASSWORDS);
  }

  private List<String> apply(TreePlan plan) {
    return plan.apply(server.getConnectString(), TIMEOUT).stream()
        .map(PlannedAction::line)
        .toList();
  }

  private List<String> compare(TreePlan plan) {
    return plan.compare(server.getConnectString(), TIMEOUT).stream()
        .map(PlannedAction::line)
        .toList();
  }

  @Test
  void buildsParentsFirstAndChangesNothingTheSecondTime() throws IOException {
    TreePlan plan = plan(VSC);
    List<String> wanted =
        List.of(
            "create /admin: root=rwcda user3=r user2=cd user1=rwcd",
            "create /admin/user1: root=rwcda user1=rwcda user2=r user3=rw");
    assertThat(plan.servers()).contains("127.0.0.1:2181");
    assertThat(compare(plan)).isEqualTo(wanted);
    assertThat(compare(plan)).as("a comparison changes nothing").isEqualTo(wanted);
    assertThat(apply(plan)).isEqualTo(wanted);
    List<String> nothing = List.of("unchanged /admin", "unchanged /admin/user1");
    assertThat(apply(plan)).isEqualTo(nothing);
    assertThat(TreePlan.differs(plan.compare(server.getConnectString(), TIMEOUT))).isFalse();
  }

  @Test
  void givesEachUserWhatThePlanSays() throws Exception {
    apply(plan(VSC));
    try (CuratorFramework user1 = client("user1", "xyz");
        CuratorFramework user2 = client("user2", "bar");
        CuratorFramework user3 = client("user3", "bla");
        CuratorFramework guess = client("user1", "guess");
        CuratorFramework root = client("root", "admin")) {
      assertThat(user3.getData().forPath("/admin"))
          .asString(StandardCharsets.UTF_8)
          .isEqualTo("hello");
      assertThatThrownBy(() -> user2.getData().forPath("/admin"))
          .isInstanceOf(NoAuthException.class);
      assertThatThrownBy(() -> guess.getData().forPath("/admin"))
          .isInstanceOf(NoAuthException.class);
      assertThatThrownBy(() -> user3.create().forPath("/admin/x"))
          .isInstanceOf(NoAuthException.class);
      user2.create().forPath("/admin/x");
      user2.delete().forPath("/admin/x");
      user1.setData().forPath("/admin", new byte[0]);
      assertThatThrownBy(
              () -> user1.setACL().withACL(root.getACL().forPath("/admin")).forPath("/admin"))
          .isInstanceOf(NoAuthException.class);
      user3.setData().forPath("/admin/user1", new byte[1]);
      assertThat(root.getChildren().forPath("/admin")).containsExactly("user1");
    }
  }

  private CuratorFramework client(String user, String password) {
    CuratorFramework client =
        CuratorFrameworkFactory.builder()
            .connectString(server.getConnectString())
            .retryPolicy(new RetryOneTime(100))
            .authorization("digest", (user + ":" + password).getBytes(StandardCharsets.UTF_8))
            .build();
    client.start();
    return client;
  }

  @Test
  void mendsRightsAndPasswordsAndKeepsData() throws Exception {
    apply(plan(VSC));
    TreePlan changed =
        plan(VSC.replace("r=user3\n", "r=user2\n").replace("passwd=xyz", "passwd=new"));
    assertThat(compare(changed))
        .containsExactly(
            "set acl /admin: root=rwcda user2=rcd user1=rwcd"
                + " (was root=rwcda user3=r user2=cd user1=rwcd)",
            "set acl /admin/user1: root=rwcda user1=rwcda user2=r user3=rw (other password)");
    apply(changed);
    assertThat(compare(changed)).containsExactly("unchanged /admin", "unchanged /admin/user1");
    try (CuratorFramework root = client("root", "admin")) {
      assertThat(root.getData().forPath("/admin"))
          .asString(StandardCharsets.UTF_8)
          .isEqualTo("hello");
    }
  }

  @Test
  void createsMissingParentsWhenAsked() throws IOException {
    String text = "[root]\npasswd=x\n[/a/b/c]\nmakepath=true\n";
    assertThat(apply(plan(text)))
        .containsExactly(
            "create /a: root=rwcda", "create /a/b: root=rwcda", "create /a/b/c: root=rwcda");
    assertThat(apply(plan(text))).containsExactly("unchanged /a/b/c");
    TreePlan orphan = plan("[root]\npasswd=x\n[/z/y]\n");
    assertThatExceptionOfType(TreeConflictException.class)
        .isThrownBy(() -> apply(orphan))
        .withMessage("the parent of /z/y does not exist: add the section [/z], or makepath=true");
  }

  @Test
  void theExampleServesMembersAndNobodyElse() {
    TreePlan plan = TreePlan.read(EXAMPLE, PASSWORDS);
    assertThat(apply(plan)).hasSize(3).allMatch(line -> line.startsWith("create /sheaf"));
    SessionRecord session =
        new SessionRecord(1, "s", "b", "/d", new TreeMap<>(), SessionState.OPEN, 1);
    try (Tree member = Tree.connect(as("sheaf", "sh3af"))) {
      member.createOrJoin(session);
      assertThat(member.sessions()).containsExactly("s");
    }
    assertThatExceptionOfType(TreeDeniedException.class)
        .isThrownBy(() -> Tree.connect(TreeOptions.open(server.getConnectString())));
    assertThat(compare(plan)).allMatch(line -> line.startsWith("unchanged "));
  }

  private TreeOptions as(String user, String password) {
    return new TreeOptions(
        server.getConnectString(), "/sheaf", TIMEOUT, TIMEOUT, user, new Secret(password));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[a]\\npasswd=x|: no user [root]",
        "[root]\\npath=/|:1: user root needs a name without ':' and one of passwd",
        "[root]\\npasswd=x\\npasswd_env=y|:1: user root needs",
        "[root]\\npasswd=x\\n[bob]\\npassword=hunter2|:4: unknown key password of user bob",
        "[root]\\npasswd=x\\n[bob]\\npasswd_env=NONE|:4: the environment variable NONE",
        "[root]\\npasswd=x\\n[bob]\\npasswd_file=none|:4: cannot read the password file",
        "[root]\\npasswd=x\\n[/a]\\nr=bob|:4: user bob has no section: add [bob]",
        "[root]\\npasswd=x\\n[/a]\\nrx=root|:4: unknown key rx: rights are all or letters of rwcda",
        "[root]\\npasswd=x\\n[/a/]|:3: [/a/]: ",
        "[root]\\npasswd=x\\npath=/b\\n[/a]|:4: [/a] is not under the path of [root], /b",
        "[root]\\npasswd=x\\n[/a]\\nephemeral=true|:3: [/a] cannot be ephemeral",
        "[root]\\npasswd=x\\n[/a]\\nmakepath=perhaps|:4: makepath is true or false",
        "[MAIN]\\nserver=x\\n[root]\\npasswd=x|:2: unknown key server in [MAIN]"
      })
  void refusesABadPlanWithItsLine(String text, String message) {
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> plan(text.replace("\\n", "\n")))
        .withMessageStartingWith(temp.resolve("tree.cfg") + message)
        .withMessageNotContaining("hunter2");
  }

  @Test
  void refusesPasswordsInAFileThatOthersCanRead() throws IOException {
    Path file = Files.writeString(temp.resolve("open.cfg"), VSC);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> TreePlan.read(file, Map.of()))
        .withMessage(
            file
                + ":5: there is a password in it, and "
                + file
                + " is open to others: chmod 600 "
                + file);
  }
}
