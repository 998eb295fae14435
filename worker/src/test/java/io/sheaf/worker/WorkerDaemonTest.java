package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Quota;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.LanesFixture;
import io.sheaf.deposit.Owners;
import io.sheaf.deposit.SocketDepositor;
import io.sheaf.disk.SystemDisk;
import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.ParametersDifferException;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.Role;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.StatsRecord;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import io.sheaf.tree.UsageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole worker with a real ZooKeeper. */
@Timeout(180)
final class WorkerDaemonTest {
  private static final ArchiveKey A = ArchiveKey.of("a.zip");

  @TempDir Path directory;
  private TestingServer zooKeeper;
  private Tree tree;

  @BeforeEach
  void open() throws Exception {
    Files.createDirectory(directory.resolve("base"));
    zooKeeper = new TestingServer();
    tree = Tree.connect(TreeOptions.of(settings(Map.of())));
  }

  @AfterEach
  void close() throws IOException {
    tree.close();
    zooKeeper.close();
  }

  private Settings settings(Map<String, String> more) {
    Map<String, String> options = new HashMap<>();
    options.put(Keys.SERVERS.name(), zooKeeper.getConnectString());
    options.put(Keys.SESSION_TIMEOUT.name(), "4s");
    options.put(Keys.CONNECT_TIMEOUT.name(), "5s");
    options.put(Keys.SESSION.name(), "s1");
    options.put(Keys.BASE.name(), directory.resolve("base").toString());
    options.put(Keys.SOCKET.name(), directory.resolve("s/w.sock").toString());
    options.putAll(more);
    return Settings.builder().options(options).build();
  }

  private WorkerDaemon start(Map<String, String> more) throws IOException {
    return WorkerDaemon.start(settings(more), new SystemDisk(), tree, Clock.systemUTC());
  }

  private static void put(SocketDepositor to, String target) throws IOException {
    to.deposit(target, new byte[100], DepositOptions.DEFAULT);
  }

  @Test
  void publishesAndLeavesWhenStopped() throws Exception {
    WorkerDaemon worker = start(Map.of());
    List<MemberRecord> members = tree.members("s1", Role.WORKER);
    assertThat(members).extracting(MemberRecord::id).containsExactly(worker.id());
    assertThat(members.get(0).socket()).isEqualTo(worker.socket().toString());
    try (SocketDepositor to = SocketDepositor.connect(worker.socket())) {
      put(to, "a.zip/x");
      put(to, "b.zip/x");
    }
    assertThat(worker.stop(Duration.ofSeconds(30))).isEqualTo(Ending.STOPPED);
    assertThat(worker.awaitEnd()).isEqualTo(Ending.STOPPED);
    assertThat(tree.pendingArchives("s1")).containsExactly("a.zip", "b.zip");
    PendingBatch batch = tree.pending("s1", A).get(0);
    assertThat(directory.resolve("base").resolve(batch.path())).hasSize(batch.size());
    assertThat(batch.manifest().worker()).isEqualTo(worker.id());
    assertThat(tree.members("s1", Role.WORKER)).isEmpty();
    assertThat(worker.socket()).doesNotExist();
  }

  @Test
  void goesOnWithoutZooKeeperAndPublishesEverythingOnce() throws Exception {
    try (WorkerDaemon worker = start(Map.of("rotate_entries", "10"));
        SocketDepositor to = SocketDepositor.connect(worker.socket())) {
      zooKeeper.stop();
      LanesFixture.eventually("the connection is lost", () -> !tree.isConnected());
      for (int i = 0; i < 200; i++) {
        put(to, "a.zip/" + i);
      }
      LanesFixture.eventually("20 batches wait", () -> unpublished(worker.socket()) == 20);
      zooKeeper.restart();
      LanesFixture.eventually("all are published", () -> unpublished(worker.socket()) == 0);
      List<PendingBatch> pending = tree.pending("s1", A);
      assertThat(pending).hasSize(20);
      assertThat(pending.stream().mapToLong(b -> b.manifest().entries()).sum()).isEqualTo(200);
      LanesFixture.eventually(
          "the worker is registered", () -> tree.members("s1", Role.WORKER).size() == 1);
    }
  }

  private Map<String, String> notes(WorkerDaemon worker) {
    StatsRecord told = tree.stats("s1").get(worker.id());
    return told == null ? Map.of() : told.notes();
  }

  private static int unpublished(Path socket) {
    return status(socket).path("unpublished").asInt(-1);
  }

  private static JsonNode status(Path socket) {
    try (RawClient client = new RawClient(socket)) {
      String body = client.send("GET /_status HTTP/1.1\r\nHost: x\r\n\r\n").answer().body();
      return new ObjectMapper().readTree(body);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void saysHowItIs() throws Exception {
    try (WorkerDaemon worker = start(Map.of());
        SocketDepositor to = SocketDepositor.connect(worker.socket())) {
      put(to, "a.zip/x");
      JsonNode status = status(worker.socket());
      assertThat(status.path("worker").asText()).isEqualTo(worker.id());
      assertThat(status.path("session").asText()).isEqualTo("s1");
      assertThat(status.path("state").asText()).isEqualTo("open");
      assertThat(status.path("deposits").asLong()).isEqualTo(1);
      assertThat(status.path("bytes").asLong()).isEqualTo(100);
      assertThat(status.path("openBatches").asInt()).isEqualTo(1);
      assertThat(status.path("connected").asBoolean()).isTrue();
    }
  }

  @Test
  void leavesWhenItsSessionIsDrained() throws Exception {
    WorkerDaemon worker = start(Map.of());
    try (SocketDepositor to = SocketDepositor.connect(worker.socket())) {
      put(to, "a.zip/x");
      assertThat(tree.advance("s1", SessionState.OPEN, SessionState.DRAINING)).isTrue();
      assertThat(worker.awaitEnd()).isEqualTo(Ending.DRAINED);
      assertThatThrownBy(() -> put(to, "a.zip/y"))
          .isInstanceOfSatisfying(
              DepositException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
    }
    assertThat(tree.pending("s1", A)).hasSize(1);
    assertThat(tree.members("s1", Role.WORKER)).isEmpty();
    assertThatThrownBy(() -> start(Map.of())).hasMessageContaining("being drained");
  }

  @Test
  void leavesItsBatchesInTheInboxWhenItsSessionIsRemoved() throws Exception {
    WorkerDaemon worker = start(Map.of());
    try (SocketDepositor to = SocketDepositor.connect(worker.socket())) {
      put(to, "a.zip/x");
    }
    tree.deleteSession("s1");
    assertThat(worker.awaitEnd()).isEqualTo(Ending.UNFINISHED);
    assertThat(directory.resolve("base/.sheaf/inbox/a.zip").toFile().list())
        .containsExactly(worker.id() + "-1.zip");
    assertThat(tree.sessions()).isEmpty();
  }

  @Test
  void leavesASessionThatOnlyHasTheNameOfItsOwn() throws Exception {
    WorkerDaemon worker = start(Map.of());
    tree.deleteSession("s1");
    Map<String, String> other = Map.of("socket", directory.resolve("s/2").toString());
    try (WorkerDaemon second = start(other)) {
      worker.awaitEnd();
      LanesFixture.eventually(
          "only the second is a member",
          () ->
              tree.members("s1", Role.WORKER).stream()
                  .map(MemberRecord::id)
                  .toList()
                  .equals(List.of(second.id())));
    }
  }

  @Test
  void pausesWhileTheBaseDirectoryIsAway() throws Exception {
    Path base = directory.resolve("base");
    Path away = directory.resolve("away");
    try (WorkerDaemon worker = start(Map.of("rotate_entries", "2"));
        SocketDepositor to = SocketDepositor.connect(worker.socket())) {
      put(to, "a.zip/1");
      Files.move(base, away);
      Files.createDirectory(base);
      LanesFixture.eventually(
          "it says so", () -> status(worker.socket()).path("state").asText().contains("mounted"));
      assertThatThrownBy(() -> put(to, "b.zip/1"))
          .isInstanceOfSatisfying(
              DepositException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
          .hasMessageContaining("the base directory " + base.toRealPath() + " is not there");
      LanesFixture.eventually("others are told", () -> notes(worker).containsKey(worker.id()));
      assertThat(base).isEmptyDirectory();
      Files.delete(base);
      Files.move(away, base);
      LanesFixture.eventually(
          "it goes on", () -> status(worker.socket()).path("state").asText().equals("open"));
      put(to, "a.zip/2");
      LanesFixture.eventually("it is published", () -> tree.pending("s1", A).size() == 1);
      assertThat(tree.pending("s1", A).get(0).manifest().entries()).isEqualTo(2);
      LanesFixture.eventually("others are told that too", () -> notes(worker).isEmpty());
    }
  }

  @Test
  void whatIsClosedMeanwhileIsSealedWhenTheBaseIsBack() throws Exception {
    Path base = directory.resolve("base");
    Path away = directory.resolve("away");
    try (WorkerDaemon worker = start(Map.of("rotate_interval", "1s"));
        SocketDepositor to = SocketDepositor.connect(worker.socket())) {
      put(to, "a.zip/1");
      Files.move(base, away);
      // Another base, with the same directories.
      Files.createDirectories(base.resolve(".sheaf/inbox/a.zip"));
      Files.writeString(base.resolve(".sheaf/base.json"), "{\"version\":1,\"id\":\"other\"}");
      LanesFixture.eventually(
          "sealing waits",
          () -> status(worker.socket()).path("sealFailures").toString().contains("another base"));
      assertThat(base.resolve(".sheaf/inbox/a.zip")).isEmptyDirectory();
      Files.move(base, directory.resolve("other"));
      Files.move(away, base);
      LanesFixture.eventually("it is published", () -> tree.pending("s1", A).size() == 1);
      assertThat(tree.pending("s1", A).get(0).manifest().entries()).isEqualTo(1);
    }
  }

  @Test
  void makesNothingInAMountPointWhoseSessionIsElsewhere() throws Exception {
    Path bare = Files.createDirectory(directory.resolve("bare"));
    try (WorkerDaemon worker = start(Map.of())) {
      assertThat(worker.id()).isNotEmpty();
      Map<String, String> there =
          Map.of("base", bare.toString(), "socket", directory.resolve("s/2").toString());
      assertThatThrownBy(() -> start(there))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("session s1 works on the base directory")
          .hasMessageContaining("mounted");
    }
    assertThat(bare).isEmptyDirectory();
  }

  @Test
  void leavesInTimeWhileZooKeeperIsAway() throws Exception {
    WorkerDaemon worker = start(Map.of());
    try (SocketDepositor to = SocketDepositor.connect(worker.socket())) {
      put(to, "a.zip/x");
    }
    zooKeeper.stop();
    assertThat(worker.stop(Duration.ofSeconds(2))).isEqualTo(Ending.UNFINISHED);
    Path inbox = directory.resolve("base/.sheaf/inbox/a.zip");
    try (Stream<Path> files = Files.list(inbox)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactly(worker.id() + "-1.zip");
    }
  }

  @Test
  void refusesToServeASocketTwice() throws Exception {
    try (WorkerDaemon first = start(Map.of())) {
      assertThatThrownBy(() -> start(Map.of()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("serves " + first.socket() + " already");
      assertThat(tree.members("s1", Role.WORKER)).hasSize(1);
    }
  }

  @Test
  void refusesOtherParametersThanTheSessions() throws Exception {
    try (WorkerDaemon first = start(Map.of("rotate_bytes", "1M"))) {
      assertThat(first.id()).isNotEmpty();
      assertThatThrownBy(() -> start(Map.of("rotate_bytes", "2M")))
          .isInstanceOf(ParametersDifferException.class);
      Map<String, String> other = Map.of("socket", directory.resolve("s/2").toString());
      try (WorkerDaemon second = start(other)) {
        assertThat(second.id()).isNotEqualTo(first.id());
      }
    }
  }

  @Test
  void countsWhatOthersHaveTakenOfAQuota() throws Exception {
    String user = Quota.user(Owners.self());
    try (WorkerDaemon worker = start(Map.of("max_entries", "10"));
        SocketDepositor to = SocketDepositor.connect(worker.socket())) {
      for (int i = 0; i < 4; i++) {
        put(to, "a.zip/" + i);
      }
      String name = UsageRecord.entries(user);
      LanesFixture.eventually("it has told", () -> told(worker.id()).getOrDefault(name, 0L) == 4);
      assertThat(told(worker.id())).containsEntry(UsageRecord.bytes(user), 400L);
      tree.putUsage("s1", new UsageRecord(UsageRecord.VERSION, 0, new TreeMap<>(Map.of(name, 9L))));
      LanesFixture.eventually(
          "it knows what others took",
          () -> status(worker.socket()).path("quotas").path(0).path("entries").asInt() == 9);
      put(to, "a.zip/last");
      assertThatThrownBy(() -> put(to, "a.zip/more"))
          .isInstanceOfSatisfying(
              DepositException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_SPACE))
          .hasMessageContaining("quota of " + user)
          .hasMessageContaining("of 10 entries 10 are used");
    }
    assertThat(tree.stats("s1").values())
        .as("told at the end too")
        .anyMatch(s -> s.values().getOrDefault(UsageRecord.entries(user), 0L) == 5);
    // One that joins brings no new quota.
    tree.putUsage(
        "s1",
        new UsageRecord(
            UsageRecord.VERSION, 0, new TreeMap<>(Map.of(UsageRecord.entries(user), 10L))));
    try (WorkerDaemon next = start(Map.of());
        SocketDepositor to = SocketDepositor.connect(next.socket())) {
      assertThatThrownBy(() -> put(to, "a.zip/more")).hasMessageContaining("quota of " + user);
    }
  }

  private Map<String, Long> told(String worker) {
    StatsRecord told = tree.stats("s1").get(worker);
    return told == null ? Map.of() : told.values();
  }
}
