package io.sheaf.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.util.Map;
import org.apache.zookeeper.ZooDefs.Perms;
import org.junit.jupiter.api.Test;

class AccessTest extends ZooKeeperTestCase {
  private Settings.Builder settings() {
    return Settings.builder()
        .option(Keys.SERVERS, server.getConnectString())
        .option(Keys.CONNECT_TIMEOUT, "10s");
  }

  private TreeOptions as(String user, String password) {
    return TreeOptions.of(
        settings()
            .option(Keys.USER, user)
            .option(Keys.PASSWORD_ENV, "PW")
            .environment(Map.of("PW", password))
            .build());
  }

  @Test
  void everyZnodeIsTheUsersOnly() throws Exception {
    Tree ours = connect(as("sheaf", "secret"));
    ours.createOrJoin(session("s"));
    ours.publish("s", batch("a.zip", "w", 1));
    ours.register("s", Role.WORKER, member("w"));
    TreeClaim claim = ours.tryClaim("base-1", ArchiveKey.of("a.zip"), "w").orElseThrow();
    String key = ArchiveKey.of("a.zip").hex();
    String shard = key.substring(0, 2);
    for (String path :
        new String[] {
          "/sheaf",
          "/sheaf/sessions/s",
          "/sheaf/sessions/s/workers/w",
          "/sheaf/sessions/s/pending/" + shard,
          "/sheaf/sessions/s/pending/" + shard + "/" + key + "/w/1",
          "/sheaf/bases/base-1/locks/" + key + "/leases"
        }) {
      var acl = ours.client().getACL().forPath(path);
      assertThat(acl).as(path).hasSize(1);
      assertThat(acl.get(0).getPerms()).isEqualTo(Perms.ALL);
      assertThat(acl.get(0).getId().getId()).startsWith("sheaf:");
    }
    claim.ensureValid();
    assertThatExceptionOfType(TreeDeniedException.class)
        .isThrownBy(() -> connect())
        .withMessageContaining("nobody (no user is configured) has not the right")
        .withMessageContaining("/sheaf");
    assertThatExceptionOfType(TreeDeniedException.class)
        .isThrownBy(() -> connect(as("sheaf", "guess")))
        .withMessageContaining("user sheaf")
        .withMessageNotContaining("guess");
    assertThat(as("sheaf", "guess").toString()).doesNotContain("guess");
  }

  @Test
  void aUserNeedsAPassword() {
    Settings settings = settings().option(Keys.USER, "sheaf").build();
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> TreeOptions.of(settings))
        .withMessageContaining("give password_file or password_env");
  }

  @Test
  void saysWhenNobodyAnswersAndWhatIsNoListOfServers() throws Exception {
    server.stop();
    Settings away = settings().option(Keys.CONNECT_TIMEOUT, "500ms").build();
    assertThatExceptionOfType(TreeUnreachableException.class)
        .isThrownBy(() -> Tree.connect(TreeOptions.of(away)))
        .withMessageContaining(server.getConnectString());
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> Tree.connect(TreeOptions.open("host:port")))
        .withMessageContaining("host:port");
  }

  @Test
  void worksUnderAChroot() throws Exception {
    Tree plain = connect();
    plain.client().create().forPath("/site", new byte[0]);
    Tree tree = connect(TreeOptions.open(server.getConnectString() + "/site"));
    tree.createOrJoin(session("s"));
    tree.publish("s", batch("a.zip", "w", 1));
    assertThat(tree.pendingArchives("s")).containsExactly("a.zip");
    assertThat(plain.client().checkExists().forPath("/site/sheaf/sessions/s")).isNotNull();
  }
}
