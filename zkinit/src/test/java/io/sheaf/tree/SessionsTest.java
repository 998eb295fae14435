package io.sheaf.tree;

import static io.sheaf.tree.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class SessionsTest extends ZooKeeperTestCase {
  private static SessionRecord with(Map<String, String> parameters) {
    return new SessionRecord(
        1, "s", "base-1", "/data", new TreeMap<>(parameters), SessionState.OPEN, 1);
  }

  @Test
  void theCreatorsRecordIsInForce() {
    Tree one = connect();
    Tree two = connect();
    SessionRecord first = with(Map.of("order", "time"));
    assertThat(one.createOrJoin(first)).isEqualTo(first);
    assertThat(two.createOrJoin(with(Map.of("order", "sequence")))).isEqualTo(first);
    assertThat(two.session("s")).contains(first);
    assertThat(two.sessions()).containsExactly("s");
    assertThat(two.session("other")).isEmpty();
  }

  @Test
  void refusesAnotherBaseDirectory() {
    Tree tree = connect();
    tree.createOrJoin(session("s"));
    SessionRecord other =
        new SessionRecord(1, "s", "base-2", "/mnt", new TreeMap<>(), SessionState.OPEN, 1);
    assertThatExceptionOfType(TreeConflictException.class)
        .isThrownBy(() -> tree.createOrJoin(other))
        .withMessageContaining("/data (id base-1), not on /mnt (id base-2)");
  }

  @Test
  void refusesExplicitParametersThatDiffer() {
    SessionRecord there = with(Map.of("rotate_bytes", "64M", "duplicates", "first"));
    Settings mine =
        Settings.builder()
            .option(Keys.ROTATE_BYTES, "32M")
            .environment(Map.of("SHEAF_DUPLICATES", "all"))
            .build();
    assertThatExceptionOfType(ParametersDifferException.class)
        .isThrownBy(() -> SessionParameters.reconcile(mine, there))
        .withMessageContaining("rotate_bytes is 64M there and 32M here (from --rotate-bytes)")
        .withMessageContaining("duplicates is first there and all here (from SHEAF_DUPLICATES)");
  }

  @Test
  void takesParametersThatWereNotSetOrAreTheSame() {
    SessionRecord there = with(Map.of("rotate_bytes", "64M", "duplicates", "first"));
    Settings mine = Settings.builder().option(Keys.ROTATE_BYTES, "65536K").build();
    Settings joined = SessionParameters.reconcile(mine, there);
    assertThat(joined.sessionParameters())
        .containsEntry("rotate_bytes", "64M")
        .containsEntry("duplicates", "first");
  }

  @Test
  void advancesFromTheExpectedStateOnly() {
    Tree tree = connect();
    tree.createOrJoin(session("s"));
    assertThat(tree.advance("s", SessionState.DRAINING, SessionState.CLOSED)).isFalse();
    assertThat(tree.advance("s", SessionState.OPEN, SessionState.DRAINING)).isTrue();
    assertThat(tree.advance("s", SessionState.OPEN, SessionState.DRAINING)).isFalse();
    assertThat(tree.session("s").orElseThrow().state()).isEqualTo(SessionState.DRAINING);
    assertThatExceptionOfType(NoSuchSessionException.class)
        .isThrownBy(() -> tree.advance("t", SessionState.OPEN, SessionState.DRAINING));
  }

  @Test
  void removesASessionWithAllThatIsInIt() {
    Tree tree = connect();
    tree.createOrJoin(session("s"));
    tree.publish("s", batch("a.zip", "w", 1));
    tree.register("s", Role.WORKER, member("w"));
    tree.putStats("s", "w", StatsRecord.of(1, Map.of("n", 2L)));
    assertThat(tree.stats("s")).containsOnlyKeys("w");
    tree.deleteSession("s");
    tree.deleteSession("s");
    assertThat(tree.session("s")).isEmpty();
    assertThat(tree.sessions()).isEmpty();
    assertThatExceptionOfType(NoSuchSessionException.class)
        .isThrownBy(() -> tree.publish("s", batch("a.zip", "w", 2)));
    assertThatExceptionOfType(NoSuchSessionException.class)
        .isThrownBy(() -> tree.register("s", Role.WORKER, member("w")));
    assertThatExceptionOfType(NoSuchSessionException.class)
        .isThrownBy(() -> tree.putStats("s", "w", StatsRecord.of(1, Map.of())));
    assertThatExceptionOfType(NoSuchSessionException.class)
        .isThrownBy(() -> tree.session("a/b"))
        .withMessageContaining("a/b");
  }

  @Test
  void aWatchTellsEveryStateAlsoAfterTheServersReturn() throws Exception {
    Tree tree = connect();
    Tree other = connect();
    tree.createOrJoin(session("s"));
    List<Optional<SessionState>> seen = new CopyOnWriteArrayList<>();
    Watch watch = tree.watchSession("s", now -> seen.add(now.map(SessionRecord::state)));
    eventually("the first call", () -> seen.size() == 1);
    server.restart();
    eventually("the reconnect", other::isConnected);
    other.advance("s", SessionState.OPEN, SessionState.DRAINING);
    eventually("draining", () -> seen.contains(Optional.of(SessionState.DRAINING)));
    other.deleteSession("s");
    eventually("removed", () -> seen.contains(Optional.<SessionState>empty()));
    watch.close();
    assertThat(seen)
        .containsExactly(
            Optional.of(SessionState.OPEN), Optional.of(SessionState.DRAINING), Optional.empty());
  }

  @Test
  void takesOverAnEmptyZnode() {
    Tree tree = connect();
    tree.createOrJoin(session("t"));
    assertThat(tree.client().getState()).isNotNull();
    createEmpty(tree, "/sheaf/sessions/s");
    assertThat(tree.session("s")).isEmpty();
    assertThat(tree.sessions()).containsExactly("t");
    assertThat(tree.createOrJoin(session("s"))).isEqualTo(session("s"));
  }

  private static void createEmpty(Tree tree, String path) {
    try {
      tree.client().create().forPath(path, new byte[0]);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
