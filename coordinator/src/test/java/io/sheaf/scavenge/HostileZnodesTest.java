package io.sheaf.scavenge;

import static io.sheaf.scavenge.Cluster.SESSION;
import static io.sheaf.scavenge.Cluster.eventually;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.scavenge.CoordinatorDaemon.End;
import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.Codec;
import io.sheaf.tree.FailedBatch;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.Role;
import io.sheaf.tree.SessionState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What somebody with a worker's rights, or with the files, may put in the way of a session. */
@Timeout(120)
class HostileZnodesTest {
  private static final String WORKER = "host-1-aaaaaa";
  private static final String PENDING = "/sheaf/sessions/" + SESSION + "/pending/";

  @TempDir Path root;
  private Path outside;
  private Cluster cluster;
  private CuratorFramework client;
  private final List<String> made = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    outside = Files.createDirectories(root.resolve("outside"));
    cluster = new Cluster(Files.createDirectories(root.resolve("base")));
    client =
        CuratorFrameworkFactory.newClient(
            cluster.server.getConnectString(), new RetryOneTime(1_000));
    client.start();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    cluster.close();
  }

  private void znode(String path, byte[] data) throws Exception {
    client.create().creatingParentsIfNeeded().forPath(path, data);
    made.add(path);
  }

  private static String key(String archive) {
    String key = ArchiveKey.of(archive).hex();
    return key.substring(0, 2) + "/" + key;
  }

  /** The place of an archive's batches, as a worker makes it. */
  private void archive(String archive) throws Exception {
    String path = PENDING + key(archive);
    if (client.checkExists().forPath(path) == null) {
      client
          .create()
          .creatingParentsIfNeeded()
          .forPath(path, ("{\"version\":1,\"archive\":\"" + archive + "\"}").getBytes(UTF_8));
    }
  }

  private static PendingBatch manifest(String archive, String worker, long seq, String path) {
    String id = Manifest.idOf(worker, seq, archive);
    Manifest manifest =
        new Manifest(
            Manifest.VERSION, id, SESSION, worker, seq, archive, 1, 1, 1, 0, 0, 1, 1, null, null);
    return new PendingBatch(PendingBatch.VERSION, path, 1, manifest);
  }

  private void publish(String archive, long seq, PendingBatch batch) throws Exception {
    archive(archive);
    znode(PENDING + key(archive) + "/evil-1-aaaaaa/" + seq, Codec.PENDING.encode(batch));
  }

  private void path(String archive, long seq, String path) throws Exception {
    publish(archive, seq, manifest(archive, "evil-1-aaaaaa", seq, path));
  }

  /** All that a coordinator could be lured into opening or deleting. */
  private Map<String, String> files(Path directory) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(directory.relativize(file).toString(), Files.readString(file, ISO_8859_1));
      }
    }
    return files;
  }

  @Test
  void goesOnBesideManifestsOfEveryBadKind() throws Exception {
    CoordinatorDaemon coordinator = cluster.coordinator();
    Path precious = Files.writeString(outside.resolve("precious-1-aaaaaa-1.zip"), "precious");
    Files.writeString(cluster.base.root().resolve("own.zip"), "not yours");
    Map<String, String> before = files(outside);
    path("a.zip", 1, precious.toString());
    path("a.zip", 2, "../outside/precious-1-aaaaaa-1.zip");
    path("a.zip", 3, ".sheaf/inbox/a.zip/../../../../outside/precious-1-aaaaaa-1.zip");
    path("a.zip", 4, ".sheaf/inbox/b.zip/evil-1-aaaaaa-4.zip");
    path("a.zip", 5, ".sheaf/inbox/a.zip/deep/evil-1-aaaaaa-5.zip");
    path("a.zip", 6, "own.zip");
    path("a.zip", 7, ".sheaf/inbox/.mixed/../a.zip/x.zip");
    path("a.zip", 8, "");
    path("a.zip", 9, ".sheaf/inbox/a.zip/x\0.zip");
    archive("a.zip");
    String below = PENDING + key("a.zip") + "/evil-1-aaaaaa/";
    String good = ".sheaf/inbox/a.zip/evil-1-aaaaaa-1.zip";
    znode(below + "10", "{".getBytes(UTF_8));
    znode(below + "11", new byte[0]);
    znode(below + "12", new byte[900_000]);
    znode(below + "13", "{\"version\":99}".getBytes(UTF_8));
    znode(below + "no-number", Codec.PENDING.encode(manifest("a.zip", "evil-1-aaaaaa", 1, good)));
    znode(below + "14", Codec.PENDING.encode(manifest("b.zip", "evil-1-aaaaaa", 14, good)));
    znode(below + "15", Codec.PENDING.encode(manifest("a.zip", "other-1-aaaaaa", 15, good)));
    znode(below + "16", Codec.PENDING.encode(manifest("a.zip", "evil-1-aaaaaa", -16, good)));
    // Archives that may not be, and places that are no archive's.
    path("../outside/x.zip", 1, ".sheaf/inbox/../outside/x.zip/evil-1-aaaaaa-1.zip");
    path(".sheaf/x.zip", 1, ".sheaf/inbox/.sheaf/x.zip/evil-1-aaaaaa-1.zip");
    path("/etc/x.zip", 1, ".sheaf/inbox//etc/x.zip/evil-1-aaaaaa-1.zip");
    path("nozip", 1, ".sheaf/inbox/nozip/evil-1-aaaaaa-1.zip");
    znode(PENDING + "zz/short/w/1", new byte[0]);
    znode(PENDING + "zz/" + "z".repeat(40) + "/w/1", new byte[0]);
    znode(PENDING + "zz/" + ArchiveKey.of("a.zip").hex() + "/w/1", new byte[0]);
    znode(PENDING + key("unnamed.zip") + "/w/1", new byte[0]);
    client
        .create()
        .creatingParentsIfNeeded()
        .forPath(
            PENDING + key("other.zip"), "{\"version\":1,\"archive\":\"a.zip\"}".getBytes(UTF_8));
    // Records beside them that cannot be read.
    String session = "/sheaf/sessions/" + SESSION;
    znode(session + "/stats/evil", "[]".getBytes(UTF_8));
    znode("/sheaf/sessions/evil", "no session".getBytes(UTF_8));

    cluster.tree.publish(SESSION, cluster.batch(WORKER, "a.zip", 1, 3));
    // Into the place that has the name of another archive.
    cluster.tree.publish(SESSION, cluster.batch(WORKER, "other.zip", 1, 3));
    cluster.batch("evil", WORKER, "b.zip", 1, 3);

    eventually("all that is good is merged", () -> merged("a.zip", "other.zip", "b.zip"));
    eventually("all that is bad is gone", this::nothingIsPending);
    assertThat(cluster.tree.failed(SESSION))
        .hasSizeGreaterThanOrEqualTo(made.size() - 4)
        .extracting(FailedBatch::reason)
        .allMatch(reason -> reason.contains("no file was touched"));
    assertThat(coordinator.merges()).isPositive();
    cluster.tree.advance(SESSION, SessionState.OPEN, SessionState.DRAINING);
    assertThat(coordinator.awaitEnd()).isEqualTo(End.IN_PART);
    assertThat(files(outside)).isEqualTo(before);
    assertThat(cluster.base.root().resolve("own.zip")).hasContent("not yours");
    assertThat(cluster.disk.list(root)).containsExactly("base", "outside");
  }

  private boolean merged(String... archives) throws IOException {
    for (String archive : archives) {
      if (cluster.read(archive).size() != 3) {
        return false;
      }
    }
    return true;
  }

  private boolean nothingIsPending() throws Exception {
    for (String path : made) {
      if (path.startsWith(PENDING) && client.checkExists().forPath(path) != null) {
        return false;
      }
    }
    return cluster.tree.pendingArchives(SESSION).isEmpty();
  }

  @Test
  void countsAMemberWhoseRecordCannotBeRead() throws Exception {
    CoordinatorDaemon coordinator = cluster.coordinator();
    String path = "/sheaf/sessions/" + SESSION + "/workers/odd-1-aaaaaa";
    znode(path, "no record".getBytes(UTF_8));
    assertThat(cluster.tree.members(SESSION, Role.WORKER))
        .extracting(member -> member.id())
        .containsExactly("odd-1-aaaaaa");
    cluster.tree.advance(SESSION, SessionState.OPEN, SessionState.DRAINING);
    client.delete().forPath(path);
    assertThat(coordinator.awaitEnd()).isEqualTo(End.CLEAN);
  }

  @Test
  void leavesAloneWhatLinksInTheInboxLeadTo() throws Exception {
    Path theirs = Files.createDirectories(outside.resolve("theirs"));
    Path batch = cluster.base.root().resolve(cluster.batch(WORKER, "x.zip", 1, 3).path());
    Path copy = Files.copy(batch, theirs.resolve(batch.getFileName()));
    Files.move(batch, outside.resolve("moved.zip"));
    Files.createSymbolicLink(batch, outside.resolve("moved.zip"));
    Path inbox = cluster.base.inbox();
    Files.createSymbolicLink(inbox.resolve("link.zip"), theirs);
    Files.createSymbolicLink(inbox.resolve("way"), outside);
    Files.createDirectories(inbox.resolve("dir.zip/" + WORKER + "-1.zip"));
    Map<String, String> before = files(outside);
    CoordinatorDaemon coordinator = cluster.coordinator();
    cluster.batch(WORKER, "good.zip", 1, 3);
    eventually("what is good is merged", () -> merged("good.zip"));
    eventually("the link is set aside", () -> !Files.isSymbolicLink(batch));
    cluster.tree.advance(SESSION, SessionState.OPEN, SessionState.DRAINING);
    assertThat(coordinator.awaitEnd()).isEqualTo(End.IN_PART);
    assertThat(files(outside)).isEqualTo(before);
    assertThat(copy).exists();
    for (String archive : List.of("x.zip", "link.zip", "dir.zip", "way/theirs.zip")) {
      assertThat(cluster.base.archive(archive)).doesNotExist();
    }
  }

  @Test
  void setsAsideBatchesThatNameAnotherArchiveOrNobody() throws Exception {
    Path batch = cluster.base.root().resolve(cluster.batch(WORKER, "x.zip", 1, 3).path());
    Path other = Files.createDirectories(cluster.base.inbox("y.zip"));
    Files.move(batch, other.resolve("odd\u0001name.zip"));
    CoordinatorDaemon coordinator = cluster.coordinator();
    eventually("it is set aside", () -> cluster.tree.failed(SESSION).size() == 1);
    assertThat(cluster.tree.failed(SESSION).get(0).reason()).contains("a batch of x.zip");
    cluster.tree.advance(SESSION, SessionState.OPEN, SessionState.DRAINING);
    assertThat(coordinator.awaitEnd()).isEqualTo(End.IN_PART);
  }
}
