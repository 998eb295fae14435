package io.sheaf.tree;

import static io.sheaf.tree.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MembersTest extends ZooKeeperTestCase {
  private static final String PATH = "/sheaf/sessions/s/workers/h-1-abc";

  @BeforeEach
  void createSession() {
    connect().createOrJoin(session("s"));
  }

  private long ownerOf(Tree tree) {
    try {
      var stat = tree.client().checkExists().forPath(PATH);
      return stat == null ? 0 : stat.getEphemeralOwner();
    } catch (Exception e) {
      return 0;
    }
  }

  @Test
  void comesAndGoes() {
    Tree tree = connect();
    List<Integer> sizes = new CopyOnWriteArrayList<>();
    Watch watch = connect().watchMembers("s", Role.WORKER, members -> sizes.add(members.size()));
    // Once more when the connection is announced after the watch was set.
    eventually("the first call", () -> sizes.contains(0));
    Registration registration = tree.register("s", Role.WORKER, member("h-1-abc"));
    assertThat(tree.members("s", Role.WORKER)).containsExactly(member("h-1-abc"));
    assertThat(tree.members("s", Role.COORDINATOR)).isEmpty();
    assertThat(registration.isRegistered()).isTrue();
    eventually("one member", () -> sizes.contains(1));
    registration.close();
    registration.close();
    assertThat(registration.isRegistered()).isFalse();
    assertThat(tree.members("s", Role.WORKER)).isEmpty();
    eventually("no member", () -> sizes.get(sizes.size() - 1) == 0);
    watch.close();
  }

  @Test
  void comesBackUnderANewZooKeeperSession() throws Exception {
    Tree tree = connect();
    Registration registration = tree.register("s", Role.WORKER, member("h-1-abc"));
    long before = ownerOf(tree);
    expire(tree);
    eventually("a new znode", () -> ownerOf(tree) == sessionId(tree));
    assertThat(ownerOf(tree)).isNotEqualTo(before);
    eventually("registered", registration::isRegistered);
  }

  @Test
  void replacesTheZnodeOfItsOwnEarlierSession() throws Exception {
    Tree tree = connect();
    tree.register("s", Role.WORKER, member("h-1-abc"));
    long before = sessionId(tree);
    // Only the client thinks so: the server keeps the old session, and its znode, for a while.
    tree.client().getZookeeperClient().getZooKeeper().getTestable().injectSessionExpiration();
    eventually("a new session", () -> sessionId(tree) != before && tree.isConnected());
    eventually("a znode of the new session", () -> ownerOf(tree) == sessionId(tree));
  }

  @Test
  void staysAwayOnceTheSessionIsGone() throws Exception {
    Tree tree = connect();
    Registration registration = tree.register("s", Role.WORKER, member("h-1-abc"));
    connect().deleteSession("s");
    expire(tree);
    eventually("not registered", () -> !registration.isRegistered());
    assertThat(tree.session("s")).isEmpty();
  }

  @Test
  void survivesARestartOfTheServer() throws Exception {
    Tree tree = connect();
    Registration registration = tree.register("s", Role.WORKER, member("h-1-abc"));
    server.restart();
    eventually("registered", () -> tree.isConnected() && ownerOf(tree) == sessionId(tree));
    registration.close();
    eventually("removed", () -> ownerOf(tree) == 0);
  }

  @Test
  void theClosedConnectionTakesItAlong() {
    Tree tree = connect();
    tree.register("s", Role.COORDINATOR, member("c-1"));
    tree.close();
    Tree other = connect();
    eventually("gone", () -> other.members("s", Role.COORDINATOR).isEmpty());
  }

  @Test
  void tellsChangesOfTheConnectionInOrder() throws Exception {
    Tree tree = connect();
    List<ConnectionChange> seen = new CopyOnWriteArrayList<>();
    tree.onConnection(seen::add);
    server.stop();
    eventually("lost", () -> seen.contains(ConnectionChange.LOST));
    assertThat(tree.isConnected()).isFalse();
    server.restart();
    eventually("reconnected", () -> seen.contains(ConnectionChange.RECONNECTED));
    assertThat(seen)
        .filteredOn(change -> change != ConnectionChange.CONNECTED) // it may have been told before
        .containsExactly(
            ConnectionChange.SUSPENDED, ConnectionChange.LOST, ConnectionChange.RECONNECTED);
  }
}
