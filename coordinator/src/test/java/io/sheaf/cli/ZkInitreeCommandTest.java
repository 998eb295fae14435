package io.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Ids;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZkInitreeCommandTest {
  private static final String HEAD = "[root]\npasswd_env=ROOT\n[bob]\npasswd_env=BOB\n";

  @TempDir Path directory;
  private TestingServer server;
  private CuratorFramework root;

  @BeforeEach
  void start() throws Exception {
    server = new TestingServer();
    root =
        CuratorFrameworkFactory.builder()
            .connectString(server.getConnectString())
            .retryPolicy(new RetryOneTime(100))
            .authorization("digest", "root:s3cret".getBytes(StandardCharsets.UTF_8))
            .build();
    root.start();
  }

  @AfterEach
  void stop() throws IOException {
    root.close();
    server.close();
  }

  private Cli.Run run(String text, String... arguments) throws IOException {
    return runAs("hunter2", text, arguments);
  }

  private Cli.Run runAs(String bob, String text, String... arguments) throws IOException {
    Path file = Files.writeString(directory.resolve("tree.cfg"), HEAD + text);
    String[] all = new String[arguments.length + 4];
    all[0] = "zkinitree";
    all[1] = file.toString();
    all[2] = "--servers";
    all[3] = server.getConnectString();
    System.arraycopy(arguments, 0, all, 4, arguments.length);
    Cli.Run run = new Cli().with("ROOT", "s3cret").with("BOB", bob).run(all);
    assertThat(run.out() + run.err()).doesNotContain("s3cret", "hunter2", "\tat ");
    return run;
  }

  private Cli.Run expect(int status, Cli.Run run) {
    assertThat(run.status()).as(run.out() + run.err()).isEqualTo(status);
    return run;
  }

  @Test
  void showsADifferenceAndEndsWith1() throws IOException {
    String tree = "[/a]\nr=bob\n[/a/b]\n";
    String wanted = "create /a\n+ root=rwcda bob=r\ncreate /a/b\n+ root=rwcda\n";
    assertThat(expect(1, run(tree, "--check")).out()).isEqualTo(wanted);
    assertThat(expect(0, run(tree, "--dry-run")).out()).isEqualTo(wanted);
    assertThat(expect(1, run(tree, "--check")).err()).isEmpty();
    assertThat(expect(0, run(tree)).out()).isEqualTo(wanted);
    assertThat(expect(0, run(tree)).out()).isEqualTo("unchanged /a\nunchanged /a/b\n");
    assertThat(expect(0, run(tree, "--check")).out()).isEmpty();
    assertThat(expect(1, runAs("other", tree, "--check")).out())
        .isEqualTo("set acl /a\n- root=rwcda bob (other password)=r\n+ root=rwcda bob=r\n");
  }

  @Test
  void printsJsonToo() throws IOException {
    String tree = "[/a]\nr=bob\nroles=admin:root,coordinator:bob,worker:bob\n";
    JsonNode made = json(expect(1, run(tree, "--check", "--output", "json")));
    assertThat(made).hasSize(1);
    assertThat(made.get(0).get("kind").asText()).isEqualTo("create");
    assertThat(made.get(0).get("path").asText()).isEqualTo("/a");
    assertThat(made.get(0).get("before")).isEmpty();
    assertThat(made.get(0).get("after").get(1).asText()).isEqualTo("bob=r");
    expect(0, run(tree));
    JsonNode same = json(expect(0, run(tree, "--check", "--output", "json")));
    assertThat(same.get(0).get("kind").asText()).isEqualTo("unchanged");
    String other = tree.replace("worker:bob", "worker:root");
    JsonNode roles = json(expect(1, run(other, "--check", "--output", "json")));
    assertThat(roles.get(0).get("kind").asText()).isEqualTo("set roles");
    assertThat(roles.get(0).get("after").get(2).asText()).isEqualTo("worker:root");
  }

  private static JsonNode json(Cli.Run run) throws IOException {
    return new ObjectMapper().readTree(run.out());
  }

  @Test
  void prunesAndSaysWhatItMustLeave() throws Exception {
    String tree = "[/a]\n";
    expect(0, run(tree));
    root.create().forPath("/a/old");
    assertThat(expect(0, run(tree)).out()).isEqualTo("unchanged /a\n");
    assertThat(expect(0, run(tree, "--check")).out()).isEmpty();
    assertThat(expect(1, run(tree, "--check", "--prune")).out()).isEqualTo("remove /a/old\n");
    assertThat(expect(0, run(tree, "--dry-run", "--prune")).out()).isEqualTo("remove /a/old\n");
    root.create().withMode(CreateMode.EPHEMERAL).forPath("/a/alive");
    Cli.Run run = expect(1, run(tree, "--prune"));
    assertThat(run.out())
        .isEqualTo(
            """
            unchanged /a
            remove /a/old
            keep /a/alive: /a/alive is ephemeral: somebody works there
            """);
    assertThat(run.err()).endsWith("tree.cfg says: 1 znode\n").hasLineCount(1);
    assertThat(root.getChildren().forPath("/a")).containsExactly("alive");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--hold --check", "--hold --dry-run", "--hold", "--purge"})
  void refusesOptionsThatDoNotGoTogether(String options) throws IOException {
    expect(2, run("[/a]\n", options.split(" ", -1)));
  }

  @Test
  void ephemeralsNeedAHolder() throws Exception {
    String tree = "[/a]\n[/a/alive]\nephemeral=true\n";
    Cli.Run run = expect(2, run(tree));
    assertThat(run.err())
        .contains("tree.cfg:6: [/a/alive] is ephemeral", "add --hold")
        .hasLineCount(1);
    assertThat(root.checkExists().forPath("/a")).isNull();
    assertThat(expect(1, run(tree, "--check")).out()).contains("create /a/alive: ephemeral");
  }

  @Test
  void saysWhatIsWrongInOneLine() throws Exception {
    assertThat(expect(2, run("[/a]\nrx=bob\n")).err())
        .contains("tree.cfg:6: unknown key rx")
        .hasLineCount(1);
    assertThat(expect(1, run("[/x/y]\n")).err())
        .contains("tree.cfg:5: the parent of /x/y does not exist")
        .hasLineCount(1);
    root.create().withACL(Ids.READ_ACL_UNSAFE).forPath("/theirs");
    assertThat(expect(1, run("[/theirs]\n")).err())
        .contains("root may not administer /theirs")
        .hasLineCount(1);
    Path file = directory.resolve("none.cfg");
    Cli.Run none = new Cli().run("zkinitree", file.toString());
    assertThat(expect(2, none).err()).contains(file + ": no such config file").hasLineCount(1);
    Path good = Files.writeString(directory.resolve("good.cfg"), HEAD);
    Cli.Run away =
        new Cli()
            .with("ROOT", "r")
            .with("BOB", "b")
            .run("zkinitree", good.toString(), "--servers=127.0.0.1:1", "--connect-timeout=300ms");
    assertThat(expect(75, away).err()).contains("127.0.0.1:1").hasLineCount(1);
  }
}
