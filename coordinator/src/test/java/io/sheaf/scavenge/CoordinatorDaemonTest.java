package io.sheaf.scavenge;

import static io.sheaf.scavenge.Cluster.SESSION;
import static io.sheaf.scavenge.Cluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.archive.SessionTotals;
import io.sheaf.archive.Verifier;
import io.sheaf.archive.VerifyReport;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.OpenSession;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.FileState;
import io.sheaf.disk.ForwardingDisk;
import io.sheaf.disk.UselessLocks;
import io.sheaf.scavenge.CoordinatorDaemon.End;
import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.Leadership;
import io.sheaf.tree.LeadershipListener;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.ParametersDifferException;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.Registration;
import io.sheaf.tree.Role;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.StatsRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class CoordinatorDaemonTest {
  private static final String WORKER = "host-1-aaaaaa";

  @TempDir Path root;
  private Cluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = new Cluster(root);
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private void publish(String archive, long seq, int entries) throws IOException {
    cluster.tree.publish(SESSION, cluster.batch(WORKER, archive, seq, entries));
  }

  private SessionSummary drain(CoordinatorDaemon coordinator, End end) throws Exception {
    assertThat(cluster.tree.advance(SESSION, SessionState.OPEN, SessionState.DRAINING)).isTrue();
    assertThat(coordinator.awaitEnd()).isEqualTo(end);
    return SessionSummary.read(cluster.disk, cluster.base, SESSION).orElseThrow();
  }

  @Test
  void twoCoordinatorsShareArchivesAndMergeEachBatchOnce() throws Exception {
    CoordinatorDaemon one = cluster.coordinator();
    CoordinatorDaemon two = cluster.coordinator();
    for (int seq = 1; seq <= 3; seq++) {
      for (int a = 0; a < 20; a++) {
        publish("d/" + a + ".zip", seq, 5);
      }
    }
    eventually("all is merged", () -> cluster.tree.pendingArchives(SESSION).isEmpty());
    for (int a = 0; a < 20; a++) {
      assertThat(cluster.read("d/" + a + ".zip")).hasSize(15);
    }
    assertThat(one.merges()).isPositive();
    assertThat(two.merges()).isPositive();
    cluster.tree.advance(SESSION, SessionState.OPEN, SessionState.DRAINING);
    assertThat(one.awaitEnd()).isEqualTo(End.CLEAN);
    assertThat(two.awaitEnd()).isEqualTo(End.CLEAN);
    SessionSummary summary = SessionSummary.read(cluster.disk, cluster.base, SESSION).orElseThrow();
    assertThat(summary.entries()).isEqualTo(300);
    assertThat(summary.batches()).isEqualTo(60);
    assertThat(summary.archives()).isEqualTo(20);
    // The archives, their directory, .sheaf, base.json, ledgers.json, sessions/ and the summary.
    assertThat(summary.inodesUsed()).isEqualTo(20 + 1 + 5);
    assertThat(summary.inodesSaved()).isEqualTo(300 - 26);
    assertThat(summary.mergesBy()).containsOnlyKeys(one.id(), two.id());
    assertThat(cluster.tree.sessions()).isEmpty();
  }

  @Test
  void aClosedSessionLeavesNextToNothing() throws Exception {
    CoordinatorDaemon one = cluster.coordinator();
    CoordinatorDaemon two = cluster.coordinator();
    for (int a = 0; a < 10; a++) {
      publish("d/" + a + ".zip", 1, 3);
    }
    cluster.batch(WORKER, "mixed/x.zip", 1, 2);
    SessionSummary summary = drain(one, End.CLEAN);
    assertThat(two.awaitEnd()).isEqualTo(End.CLEAN);
    one.close();
    two.close();
    try (Stream<Path> left = Files.walk(cluster.base.sheaf())) {
      assertThat(left.map(p -> cluster.base.sheaf().relativize(p).toString()))
          .containsExactlyInAnyOrder(
              "", "base.json", "ledgers.json", "sessions", "sessions/" + SESSION + ".json");
    }
    try (Stream<Path> all = Files.walk(root)) {
      assertThat(all.count() - 1).isEqualTo(summary.inodesUsed());
    }
    // And what is there is enough to go on.
    cluster.batch(WORKER, "d/1.zip", 2, 1);
    CoordinatorDaemon again = cluster.coordinator();
    eventually("it is merged", () -> cluster.read("d/1.zip").size() == 4);
    assertThat(drain(again, End.CLEAN).entries()).isEqualTo(1);
    assertThat(SessionTotals.of(cluster.disk, cluster.base, "none@0").archives()).isZero();
    assertThat(new Verifier(cluster.disk, cluster.base).verify(true).archives())
        .hasSize(11)
        .allMatch(a -> a.status() == VerifyReport.Status.OK);
  }

  @Test
  void pausesWhileTheBaseDirectoryIsAway() throws Exception {
    CoordinatorDaemon coordinator = cluster.coordinator();
    publish("a.zip", 1, 3);
    eventually("it is merged", () -> cluster.read("a.zip").size() == 3);
    Path away = root.resolveSibling(root.getFileName() + "-away");
    PendingBatch batch = cluster.batch(WORKER, "a.zip", 2, 3);
    cluster.batch(WORKER, "b.zip", 1, 3);
    Files.move(root, away);
    Files.createDirectory(root);
    eventually("it says so", () -> notes(coordinator).containsKey(coordinator.id()));
    assertThat(notes(coordinator).get(coordinator.id())).contains("is its filesystem mounted?");
    cluster.tree.publish(SESSION, batch);
    cluster.tree.advance(SESSION, SessionState.OPEN, SessionState.DRAINING);
    long told = told(coordinator, "merges");
    // Some looks later it has neither ended the session nor made anything.
    eventually("it is paused", () -> notes(coordinator).size() == 1);
    assertThat(cluster.tree.pendingArchives(SESSION)).containsExactly("a.zip");
    assertThat(told(coordinator, "merges")).isEqualTo(told);
    assertThat(root).isEmptyDirectory();
    Files.delete(root);
    Files.move(away, root);
    assertThat(coordinator.awaitEnd()).isEqualTo(End.CLEAN);
    assertThat(cluster.read("a.zip")).hasSize(6);
    assertThat(cluster.read("b.zip")).hasSize(3);
  }

  /** On its node alone: the others have it. */
  @Test
  void aLeaderThatHasNotTheBaseDirectoryAnyMoreLetsAnotherLead() throws Exception {
    AtomicBoolean away = new AtomicBoolean();
    CoordinatorDaemon first =
        cluster.coordinator(
            new ForwardingDisk(cluster.disk) {
              @Override
              public Optional<FileState> stat(Path path) throws IOException {
                return away.get() ? Optional.empty() : super.stat(path);
              }
            });
    eventually("it leads", () -> leads(first));
    CoordinatorDaemon second = cluster.coordinator();
    away.set(true);
    eventually("the other one leads", () -> leads(second));
    away.set(false);
    eventually("it is back", () -> notes(first).isEmpty());
    assertThat(leads(second)).isTrue();
    second.close();
    eventually("it leads again", () -> leads(first));
    publish("a.zip", 1, 3);
    assertThat(drain(first, End.CLEAN).entries()).isEqualTo(3);
  }

  private boolean leads(CoordinatorDaemon coordinator) {
    return cluster.tree.currentLeader(SESSION).equals(Optional.of(coordinator.id()));
  }

  @Test
  void findsBatchesThatNobodyPublished() throws Exception {
    cluster.batch(WORKER, "a.zip", 1, 4);
    cluster.batch("another", WORKER, "a.zip", 2, 4);
    CoordinatorDaemon coordinator = cluster.coordinator();
    eventually("it is merged", () -> cluster.read("a.zip").size() == 8);
    assertThat(drain(coordinator, End.CLEAN).batches()).isEqualTo(2);
  }

  @Test
  void salvagesWhatADeadWorkerLeftButNotWhatALiveOneHolds() throws Exception {
    CoordinatorDaemon coordinator = cluster.coordinator();
    BatchWriter dead = cluster.open(SESSION, WORKER, "a.zip", 1);
    dead.append(List.of(Cluster.entry("kept", "contents")));
    dead.abandon();
    MemberRecord member =
        new MemberRecord(MemberRecord.VERSION, "host-2-bbbbbb", "host", 2, null, "test", 0);
    Registration alive = cluster.tree.register(SESSION, Role.WORKER, member);
    BatchWriter open = cluster.open(SESSION, "host-2-bbbbbb", "a.zip", 1);
    open.append(List.of(Cluster.entry("open", "contents")));

    eventually("it is salvaged and merged", () -> cluster.read("a.zip").containsKey("kept"));
    assertThat(cluster.read("a.zip")).containsOnlyKeys("kept");
    cluster.tree.publish(SESSION, open.seal());
    eventually("it is merged", () -> cluster.read("a.zip").containsKey("open"));
    alive.close();
    SessionSummary summary = drain(coordinator, End.CLEAN);
    assertThat(summary.salvagedBatches()).isEqualTo(1);
    assertThat(summary.salvagedEntries()).isEqualTo(1);
  }

  @Test
  void drainWaitsForWorkers() throws Exception {
    CoordinatorDaemon coordinator = cluster.coordinator();
    MemberRecord member =
        new MemberRecord(MemberRecord.VERSION, WORKER, "host", 1, null, "test", 0);
    Registration worker = cluster.tree.register(SESSION, Role.WORKER, member);
    cluster.tree.advance(SESSION, SessionState.OPEN, SessionState.DRAINING);
    publish("a.zip", 1, 3);
    eventually("it is merged", () -> cluster.read("a.zip").size() == 3);
    publish("a.zip", 2, 3);
    assertThat(cluster.tree.session(SESSION)).isPresent();
    worker.close();
    assertThat(coordinator.awaitEnd()).isEqualTo(End.CLEAN);
    assertThat(cluster.read("a.zip")).hasSize(6);
  }

  @Test
  void anotherGoesOnWhenTheLeaderLeaves() throws Exception {
    CoordinatorDaemon first = cluster.coordinator();
    eventually(
        "the first leads",
        () -> cluster.tree.currentLeader(SESSION).equals(Optional.of(first.id())));
    CoordinatorDaemon second = cluster.coordinator();
    first.close();
    assertThat(first.awaitEnd()).isEqualTo(End.STOPPED);
    cluster.batch(WORKER, "a.zip", 1, 2);
    eventually("the second leads and merges", () -> cluster.read("a.zip").size() == 2);
    drain(second, End.CLEAN);
  }

  @Test
  void aLargeDirectoryIsWrittenAnewWhenItIsWorthItOrAtTheEnd() throws Exception {
    Settings patient = cluster.settings().option(Keys.MERGE_MAX_AGE, "1h").build();
    CoordinatorDaemon first = cluster.coordinator(patient);
    CoordinatorDaemon second = cluster.coordinator(patient);
    publishLong("a.zip", 1);
    eventually("the first comes at once", () -> cluster.tree.pendingArchives(SESSION).isEmpty());
    publish("a.zip", 2, 3);
    publish("b.zip", 1, 3);
    eventually("the small one is merged", () -> cluster.read("b.zip").size() == 3);
    // One of them has never merged that archive.
    eventually("both defer", () -> told(first, "deferred") > 0 && told(second, "deferred") > 0);
    assertThat(cluster.tree.pendingArchives(SESSION)).containsExactly("a.zip");
    publishLong("a.zip", 3);
    eventually("it is worth it", () -> cluster.tree.pendingArchives(SESSION).isEmpty());
    publish("a.zip", 4, 3);
    cluster.tree.advance(SESSION, SessionState.OPEN, SessionState.DRAINING);
    assertThat(first.awaitEnd()).isEqualTo(End.CLEAN);
    assertThat(cluster.read("a.zip")).hasSize(60_006);
  }

  /** Entries with names that make a directory of 10 MB. */
  private void publishLong(String archive, long seq) throws IOException {
    BatchWriter writer = cluster.open(SESSION, WORKER, archive, seq);
    List<PreparedEntry> entries = new ArrayList<>();
    for (int i = 0; i < 30_000; i++) {
      entries.add(Cluster.entry("n".repeat(300) + "/" + seq + "/" + i, ""));
    }
    writer.append(entries);
    cluster.tree.publish(SESSION, writer.seal());
  }

  private long told(CoordinatorDaemon coordinator, String counter) {
    StatsRecord told = cluster.tree.stats(SESSION).get(coordinator.id());
    return told == null ? 0 : told.values().getOrDefault(counter, 0L);
  }

  private CoordinatorDaemon inSequence() throws IOException {
    return cluster.coordinator(
        cluster
            .settings()
            .option(Keys.ORDER, "sequence")
            .option(Keys.GAP_TIMEOUT, "1h")
            .option(Keys.SCAN_INTERVAL, "1h")
            .build());
  }

  @Test
  void batchesBehindAGapWaitUntilItIsFilled() throws Exception {
    CoordinatorDaemon coordinator = inSequence();
    publish("a.zip", 1, 2);
    publish("a.zip", 3, 2);
    publish("b.zip", 2, 2);
    eventually("both wait", () -> notes(coordinator).size() == 2);
    assertThat(notes(coordinator).values()).allMatch(note -> note.contains("1 batches wait"));
    assertThat(cluster.read("a.zip")).hasSize(2);
    publish("a.zip", 2, 2);
    eventually("they are merged", () -> cluster.read("a.zip").size() == 6);
    eventually("and it is forgotten", () -> notes(coordinator).keySet().equals(Set.of("b.zip")));
    publish("b.zip", 1, 2);
    eventually("these too", () -> cluster.read("b.zip").size() == 4);
    assertThat(drain(coordinator, End.CLEAN).gaps()).isEmpty();
  }

  @Test
  void aGapThatNothingFillsAnyMoreIsPassedWhenTheSessionDrainsAndToldOnce() throws Exception {
    CoordinatorDaemon coordinator = inSequence();
    MemberRecord member =
        new MemberRecord(MemberRecord.VERSION, WORKER, "host", 1, null, "test", 0);
    Registration worker = cluster.tree.register(SESSION, Role.WORKER, member);
    publish("a.zip", 1, 2);
    publish("a.zip", 3, 2);
    eventually("it waits", () -> notes(coordinator).containsKey("a.zip"));
    cluster.tree.advance(SESSION, SessionState.OPEN, SessionState.DRAINING);
    publish("b.zip", 1, 2);
    eventually("others are merged", () -> cluster.read("b.zip").size() == 2);
    // Its worker may bring it yet.
    assertThat(cluster.tree.pendingArchives(SESSION)).contains("a.zip");
    worker.close();
    assertThat(coordinator.awaitEnd()).isEqualTo(End.CLEAN);
    assertThat(cluster.read("a.zip")).hasSize(4);
    SessionSummary summary = SessionSummary.read(cluster.disk, cluster.base, SESSION).orElseThrow();
    assertThat(summary.gaps()).singleElement().asString().startsWith("a.zip: ").contains(WORKER);
  }

  @Test
  void withoutLocksItKeepsWhatIsConsumedAndLeavesWhatMayBeWritten() throws Exception {
    Files.writeString(cluster.base.brokenLocks(), "{\"locks\":\"none\"}");
    CoordinatorDaemon coordinator = cluster.coordinator(UselessLocks.on(cluster.disk));
    PendingBatch batch = cluster.batch(WORKER, "a.zip", 1, 3);
    byte[] bytes = Files.readAllBytes(root.resolve(batch.path()));
    // Its worker is not registered, and its lock can be had; but its process runs: it is this one.
    BatchWriter open = cluster.open(SESSION, WORKER, "a.zip", 2);
    open.append(List.of(Cluster.entry("open", "contents")));
    Path file = cluster.base.member(WORKER);
    Files.writeString(file, process(ProcessHandle.current().pid()));
    cluster.tree.publish(SESSION, batch);
    eventually("it is merged", () -> cluster.read("a.zip").size() == 3);
    cluster.tree.advance(SESSION, SessionState.OPEN, SessionState.DRAINING);
    eventually("nothing is pending", () -> cluster.tree.pendingArchives(SESSION).isEmpty());
    try (Stream<Path> kept = Files.walk(cluster.base.kept())) {
      assertThat(kept.filter(Files::isRegularFile))
          .singleElement()
          .satisfies(f -> assertThat(f).hasBinaryContent(bytes));
    }
    assertThat(told(coordinator, "salvaged")).isZero();
    open.abandon();
    Files.writeString(file, process(Integer.MAX_VALUE));
    assertThat(coordinator.awaitEnd()).isEqualTo(End.CLEAN);
    assertThat(cluster.read("a.zip")).hasSize(4);
  }

  /** As a member of this machine says which process it is. */
  private static String process(long pid) throws IOException {
    String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    String namespace = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
    long start = ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
    return String.format(
        "{\"session\":\"%s\",\"process\":{\"boot\":\"%s\",\"namespace\":\"%s\",\"pid\":%d,\"start\":%d}}",
        SESSION, boot, namespace, pid, start);
  }

  /** Its ZooKeeper session goes on, as for a while after a SIGKILL. */
  @Test
  void aLeaderWhoseLockIsFreeIsFollowedAtOnce() throws Exception {
    String dead = "dead-1-aaaaaa";
    CoordinatorDaemon creator = cluster.coordinator();
    eventually("it leads", () -> cluster.tree.currentLeader(SESSION).isPresent());
    Leadership gone = cluster.connect().lead(SESSION, dead, new Nobody());
    creator.close();
    eventually("the dead one leads", gone::isLeader);
    Files.createDirectories(cluster.base.members());
    Files.writeString(cluster.base.member(dead), "");
    CoordinatorDaemon next = cluster.coordinator();
    eventually(
        "it is followed",
        () -> cluster.tree.currentLeader(SESSION).filter(next.id()::equals).isPresent());
    drain(next, End.CLEAN);
  }

  @Test
  void removesTheFilesOfMembersThatAreGone() throws Exception {
    Files.createDirectories(cluster.base.members());
    Path dead = Files.writeString(cluster.base.member("dead-1-aaaaaa"), "");
    CoordinatorDaemon coordinator = cluster.coordinator();
    eventually("it is removed", () -> Files.notExists(dead));
    assertThat(cluster.base.member(coordinator.id())).exists();
    coordinator.close();
    assertThat(cluster.base.members()).doesNotExist();
  }

  @Test
  void refusesOtherParameters() throws Exception {
    cluster.coordinator(cluster.settings().option(Keys.DUPLICATES, "error").build());
    assertThatThrownBy(
            () -> cluster.coordinator(cluster.settings().option(Keys.DUPLICATES, "all").build()))
        .isInstanceOf(ParametersDifferException.class)
        .hasMessageContaining("error")
        .hasMessageContaining("all");
    // What is not said is taken from the session.
    cluster.coordinator();
  }

  @Test
  void anArchiveThatDisagreesIsNamedAndDoesNotStopTheOthers() throws Exception {
    CoordinatorDaemon coordinator = cluster.coordinator();
    publish("bad.zip", 1, 3);
    eventually("it is merged", () -> cluster.read("bad.zip").size() == 3);
    Files.write(cluster.base.archive("bad.zip"), new byte[] {1, 2, 3});
    publish("bad.zip", 2, 3);
    publish("good.zip", 1, 3);
    eventually("the other is merged", () -> cluster.read("good.zip").size() == 3);
    SessionSummary summary = drain(coordinator, End.IN_PART);
    assertThat(summary.blocked())
        .singleElement()
        .satisfies(
            b -> {
              assertThat(b.archive()).isEqualTo("bad.zip");
              assertThat(b.batches()).isEqualTo(1);
            });
    assertThat(Files.readAllBytes(cluster.base.archive("bad.zip"))).containsExactly(1, 2, 3);
  }

  @Test
  void whatIsNoBatchGoesToQuarantine() throws Exception {
    Path inbox = cluster.base.inbox("a.zip");
    Files.createDirectories(inbox);
    Files.writeString(inbox.resolve("stray.zip"), "no zip");
    Files.writeString(inbox.resolve(WORKER + "-7.zip"), "no zip either");
    CoordinatorDaemon coordinator = cluster.coordinator();
    SessionSummary summary = drain(coordinator, End.IN_PART);
    assertThat(summary.quarantine()).hasSize(2);
    assertThat(cluster.base.quarantine("a.zip").resolve("stray.zip")).hasContent("no zip");
  }

  @Test
  void goesOnAfterZooKeeperWasAway() throws Exception {
    CoordinatorDaemon coordinator = cluster.coordinator();
    publish("a.zip", 1, 3);
    eventually("it is merged", () -> cluster.read("a.zip").size() == 3);
    cluster.server.restart();
    cluster.batch(WORKER, "a.zip", 2, 3);
    eventually("it is found and merged", () -> cluster.read("a.zip").size() == 6);
    eventually(
        "none is pending", () -> cluster.tree.pending(SESSION, ArchiveKey.of("a.zip")).isEmpty());
    drain(coordinator, End.CLEAN);
  }

  @Test
  void aNameIsFreeAgainAfterItsSessionAndItsTotalsBeginAnew() throws Exception {
    CoordinatorDaemon first = cluster.coordinator();
    publish("a.zip", 1, 3);
    assertThat(drain(first, End.CLEAN).entries()).isEqualTo(3);
    CoordinatorDaemon again = cluster.coordinator();
    publish("a.zip", 2, 1);
    eventually("it is merged", () -> cluster.read("a.zip").size() == 4);
    SessionSummary summary = drain(again, End.CLEAN);
    assertThat(summary.entries()).isEqualTo(1);
    assertThat(summary.batches()).isEqualTo(1);
  }

  @Test
  void leavesASessionThatOnlyHasTheNameOfItsOwn() throws Exception {
    drain(cluster.coordinator(), End.CLEAN);
    CoordinatorDaemon first = cluster.coordinator();
    eventually("it leads", () -> cluster.tree.currentLeader(SESSION).isPresent());
    cluster.tree.deleteSession(SESSION);
    new OpenSession(cluster.disk, cluster.base).forget(SESSION); // or it would be gone on with
    CoordinatorDaemon second =
        cluster.coordinator(cluster.settings().option(Keys.DUPLICATES, "error").build());
    // Not the summary of the earlier session of that name: this one was never closed.
    assertThat(first.awaitEnd()).isEqualTo(End.IN_PART);
    first.close();
    publish("a.zip", 1, 2);
    drain(second, End.CLEAN);
    assertThat(cluster.read("a.zip")).hasSize(2);
  }

  @Test
  void forgetsTroubleThatAnotherCoordinatorHasEnded() throws Exception {
    CoordinatorDaemon coordinator = cluster.coordinator();
    PendingBatch batch = cluster.batch(WORKER, "a.zip", 1, 2);
    Path file = root.resolve(batch.path());
    byte[] contents = Files.readAllBytes(file);
    Files.delete(file);
    cluster.tree.publish(SESSION, batch);
    eventually("it is noted", () -> notes(coordinator).containsKey("a.zip"));
    // As another does: it removes the manifest once it has merged.
    cluster.tree.consumed(SESSION, "a.zip", WORKER, 1);
    eventually("it is forgotten", () -> notes(coordinator).isEmpty());
    Files.write(file, contents);
    assertThat(drain(coordinator, End.CLEAN).entries()).isEqualTo(2);
  }

  private Map<String, String> notes(CoordinatorDaemon coordinator) {
    StatsRecord told = cluster.tree.stats(SESSION).get(coordinator.id());
    return told == null ? Map.of() : told.notes();
  }

  /** Leads and does nothing. */
  private static final class Nobody implements LeadershipListener {
    @Override
    public void elected() {
      // It is dead.
    }

    @Override
    public void deposed() {
      // It is dead.
    }
  }
}
