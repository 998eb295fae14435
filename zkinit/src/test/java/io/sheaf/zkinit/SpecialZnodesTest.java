package io.sheaf.zkinit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sheaf.tree.Codec;
import io.sheaf.tree.Roles;
import io.sheaf.tree.TreeDeniedException;
import java.io.IOException;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;
import org.junit.jupiter.api.Test;

/** Sequences, roles, and the chroot. */
class SpecialZnodesTest extends PlanTestCase {
  private static final String ROLES =
      "[a]|passwd=1|[c]|passwd=2|[w]|id=sasl:w:x"
          + "|[/s]|roles = admin:a, coordinator : c,worker:w";

  @Test
  void makesOneOfASequenceAndMendsTheRightsOfAll() throws Exception {
    TreePlan plan = rooted("[/q]|[/q/job-]|sequence=true|value=x");
    assertThat(compare(plan))
        .containsExactly("create /q | + root=rwcda", "create /q/job-: sequence | + root=rwcda");
    assertThat(apply(plan))
        .containsExactly(
            "create /q | + root=rwcda", "create /q/job-0000000000: sequence | + root=rwcda");
    assertThat(apply(plan)).containsExactly("unchanged /q", "unchanged /q/job-0000000000");
    CuratorFramework root = root();
    assertThat(root.getData().forPath("/q/job-0000000000")).asString().isEqualTo("x");
    for (String other : List.of("job-0000000007", "job-", "job-1", "job-00000000011", "jobs")) {
      root.create().forPath("/q/" + other);
    }
    assertThat(apply(plan))
        .containsExactly(
            "unchanged /q",
            "unchanged /q/job-0000000000",
            "set acl /q/job-0000000007 | - world:anyone=rwcda | + root=rwcda");
    assertThat(root.getChildren().forPath("/q")).hasSize(6);
  }

  @Test
  void aSequenceAtTheTop() throws IOException {
    TreePlan plan = rooted("[/n]|sequence=true");
    String made = apply(plan).get(0);
    assertThat(made).matches("create /n\\d{10}: sequence .*");
    assertThat(apply(plan)).containsExactly("unchanged " + made.substring(7, 19));
  }

  @Test
  void writesRolesAndComparesThemWithoutHashes() throws Exception {
    TreePlan plan = rooted(ROLES);
    assertThat(apply(plan)).containsExactly("create /s: with roles | + root=rwcda");
    assertThat(apply(plan)).containsExactly("unchanged /s");
    assertThat(Codec.ROLES.decode(root().getData().forPath("/s"), "/s"))
        .isEqualTo(
            new Roles(
                Roles.VERSION,
                "digest:" + DigestAuthenticationProvider.generateDigest("a:1"),
                "digest:" + DigestAuthenticationProvider.generateDigest("c:2"),
                "sasl:w:x"));
    TreePlan changed = rooted(ROLES.replace("passwd=1", "passwd=new").replace("r:c", "r:a"));
    List<String> wanted =
        List.of(
            "set roles /s | - admin:a (other password) coordinator:c worker:sasl:w:x"
                + " | + admin:a coordinator:c worker:sasl:w:x");
    TreePlan rotated = rooted(ROLES.replace("passwd=1", "passwd=new"));
    assertThat(compare(rotated)).isEqualTo(wanted);
    assertThat(apply(rotated)).isEqualTo(wanted);
    assertThat(apply(rotated)).containsExactly("unchanged /s");
    assertThat(changed).isNotNull();
  }

  @Test
  void givesRolesToAZnodeThatHasOtherData() throws Exception {
    CuratorFramework root = root();
    root.create().forPath("/s", new byte[0]);
    String after = " | + admin:a coordinator:c worker:sasl:w:x";
    assertThat(compare(rooted(ROLES)).get(1)).isEqualTo("set roles /s | - no roles" + after);
    root.setData().forPath("/s", new byte[] {1, 2});
    assertThat(apply(rooted(ROLES)).get(1)).isEqualTo("set roles /s | - other data" + after);
    assertThat(apply(rooted(ROLES))).containsExactly("unchanged /s");
  }

  @Test
  void makesAMissingChrootForRootAlone() throws Exception {
    TreePlan plan = rooted("[/a]|[/a/b]");
    List<String> wanted =
        List.of(
            "create /: the chroot /site/x | + root=rwcda",
            "create /a | + root=rwcda",
            "create /a/b | + root=rwcda");
    PlanSession session = connect(plan, "/site/x");
    assertThat(lines(session.compare(false))).isEqualTo(wanted);
    assertThat(root().checkExists().forPath("/site")).isNull();
    assertThat(lines(session.apply(false))).isEqualTo(wanted);
    assertThat(lines(session.apply(true))).containsExactly("unchanged /a", "unchanged /a/b");
    assertThat(root().checkExists().forPath("/site/x/a/b")).isNotNull();
    for (String path : List.of("/site", "/site/x", "/site/x/a")) {
      assertThat(root().getACL().forPath(path)).as(path).hasSize(1);
    }
  }

  @Test
  void givesTheChrootItsOwnRights() throws Exception {
    TreePlan plan = rooted("[/]|r=bob|[bob]|passwd=b|[/s-]|sequence=true");
    assertThat(lines(connect(plan, "/site").apply(false)))
        .containsExactly(
            "create /: the chroot /site | + root=rwcda bob=r",
            "create /s-0000000000: sequence | + root=rwcda");
    assertThat(lines(connect(plan, "/site").apply(true)))
        .containsExactly("unchanged /", "unchanged /s-0000000000");
    assertThat(client("bob", "b").getChildren().forPath("/site")).containsExactly("s-0000000000");
  }

  @Test
  void mendsTheRightsOfTheRealRoot() throws Exception {
    TreePlan plan = rooted("[/]|r=bob|[bob]|passwd=b");
    assertThat(apply(plan))
        .containsExactly("set acl / | - world:anyone=rwcda | + root=rwcda bob=r");
    assertThat(apply(plan)).containsExactly("unchanged /");
  }

  @Test
  void namesAChrootThatItMayNotMake() throws Exception {
    apply(rooted("[/site]"));
    TreePlan other = plan("[root]|passwd=wrong|[/a]");
    assertThatExceptionOfType(TreeDeniedException.class)
        .isThrownBy(() -> connect(other, "/site/x").apply(false))
        .withMessageContaining("may not administer /site/x");
  }
}
