package io.sheaf.scavenge;

import static io.sheaf.scavenge.Cluster.SESSION;
import static io.sheaf.scavenge.Cluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.BaseWatch;
import io.sheaf.batch.BatchWriter;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.ManualClock;
import io.sheaf.scavenge.CoordinatorDaemon.End;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.Registration;
import io.sheaf.tree.Role;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.StatsRecord;
import io.sheaf.worker.WallTime;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real sessions on a clock that is moved by hand. That something does not happen is seen by what is
 * told after it: the counters of a coordinator that looked at the moved clock.
 */
@Timeout(120)
class JobEndsTest {
  private static final String WORKER = "host-1-aaaaaa";

  /** The reserve, the workers' stop_timeout and the grace, as the settings below have them. */
  private static final Duration FIXED = Duration.ofSeconds(30 + 20 + 10);

  @TempDir Path root;
  private final ManualClock clock = new ManualClock();
  private final List<CoordinatorDaemon> daemons = new ArrayList<>();
  private Cluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = new Cluster(root);
  }

  @AfterEach
  void stop() throws Exception {
    daemons.forEach(CoordinatorDaemon::close);
    cluster.close();
  }

  private Settings.Builder settings() {
    return cluster.settings().option(Keys.STOP_TIMEOUT, "20s").option(Keys.SALVAGE_GRACE, "10s");
  }

  private CoordinatorDaemon coordinator(Settings.Builder settings) throws IOException {
    CoordinatorDaemon daemon =
        CoordinatorDaemon.start(settings.build(), cluster.disk, cluster.connect(), clock);
    daemons.add(daemon);
    return daemon;
  }

  private Instant in(Duration time) {
    return clock.instant().plus(time);
  }

  private void told(String member, String counter, long value) throws Exception {
    eventually(
        member + " tells " + counter + " " + value,
        () ->
            Optional.ofNullable(cluster.tree.stats(SESSION).get(member))
                .filter(stats -> stats.values().getOrDefault(counter, -1L) == value)
                .isPresent());
  }

  private CoordinatorDaemon endingAt(Instant end, String... more) throws Exception {
    Settings.Builder settings = settings().option(Keys.ENDS_AT, end.toString());
    for (int i = 0; i < more.length; i += 2) {
      settings.option(Keys.named(more[i]).orElseThrow(), more[i + 1]);
    }
    CoordinatorDaemon daemon = coordinator(settings);
    told(daemon.id(), WallTime.ENDS, end.toEpochMilli());
    return daemon;
  }

  private Registration worker(Instant end) {
    MemberRecord member =
        new MemberRecord(MemberRecord.VERSION, WORKER, "host", 1, null, "test", 0);
    Registration worker = cluster.tree.register(SESSION, Role.WORKER, member);
    cluster.tree.putStats(SESSION, WORKER, StatsRecord.of(0, WallTime.stats(Optional.of(end))));
    return worker;
  }

  private SessionState state() {
    return cluster.tree.session(SESSION).orElseThrow().state();
  }

  /** Looks as the leader does at its next tick. */
  private void step(CoordinatorDaemon leader, Instant end) throws Exception {
    Coordination in =
        new Coordination(
            cluster.tree,
            cluster.disk,
            cluster.base,
            new BaseWatch(cluster.disk, cluster.base),
            SESSION,
            cluster.tree.session(SESSION).orElseThrow().created(),
            leader.id(),
            clock,
            System::nanoTime);
    new JobEnds(in, settings().build()).step(Optional.of(end));
  }

  @Test
  void withoutBacklogTheDrainBeginsWhenTheReserveDoes() throws Exception {
    Instant end = in(Duration.ofHours(1));
    CoordinatorDaemon leader = endingAt(end);
    cluster.tree.publish(SESSION, cluster.batch(WORKER, "a.zip", 1, 3));
    eventually("it is merged", () -> cluster.read("a.zip").size() == 3);
    clock.advance(Duration.ofHours(1).minus(FIXED).minusSeconds(10));
    step(leader, end);
    assertThat(state()).isEqualTo(SessionState.OPEN);
    clock.advance(Duration.ofSeconds(11));
    assertThat(leader.awaitEnd()).isEqualTo(End.CLEAN);
    assertThat(clock.instant()).isBefore(end.minus(FIXED).plusSeconds(2));
    assertThat(leader.summary()).hasValueSatisfying(s -> assertThat(s.entries()).isEqualTo(3));
  }

  @Test
  void aLargeBacklogIsGivenItsTime() throws Exception {
    Instant end = in(Duration.ofHours(2));
    CoordinatorDaemon leader = endingAt(end);
    Registration worker = worker(end);
    BatchWriter open = cluster.open(SESSION, WORKER, "a.zip", 1);
    open.append(List.of(Cluster.entry("open", "contents")));
    // Sparse: the leader only looks at the size.
    long bytes = DrainTime.RATE * 1_000;
    Path part = part();
    long size = Files.size(part);
    try (RandomAccessFile file = new RandomAccessFile(part.toFile(), "rw")) {
      file.setLength(bytes);
    }
    Duration need = FIXED.plusSeconds(2 * 1_000);
    clock.advance(Duration.ofHours(2).minus(need).minusMinutes(2));
    step(leader, end);
    assertThat(state()).isEqualTo(SessionState.OPEN);
    clock.advance(Duration.ofMinutes(3));
    eventually("it drains", () -> state() == SessionState.DRAINING);
    try (RandomAccessFile file = new RandomAccessFile(part.toFile(), "rw")) {
      file.setLength(size);
    }
    open.seal();
    worker.close();
    assertThat(leader.awaitEnd()).isEqualTo(End.CLEAN);
    assertThat(cluster.read("a.zip")).hasSize(1);
  }

  private Path part() throws IOException {
    try (var files = Files.walk(cluster.base.inbox("a.zip"))) {
      return files.filter(f -> f.toString().endsWith(".part")).findFirst().orElseThrow();
    }
  }

  @Test
  void anExtendedJobMovesTheDrain() throws Exception {
    Instant first = in(Duration.ofHours(1));
    Instant second = in(Duration.ofHours(3));
    Path bin = Files.createDirectory(root.resolve("bin"));
    Path answer = Files.writeString(root.resolve("answer"), first.getEpochSecond() + "\n");
    Path squeue = Files.writeString(bin.resolve("squeue"), "#!/bin/sh\ncat " + answer + "\n");
    Files.setPosixFilePermissions(squeue, PosixFilePermissions.fromString("rwx------"));
    CoordinatorDaemon leader =
        coordinator(
            settings().environment(Map.of("SLURM_JOB_ID", "1", "PATH", bin + ":/usr/bin:/bin")));
    told(leader.id(), WallTime.ENDS, first.toEpochMilli());
    Files.writeString(answer, second.getEpochSecond() + "\n");
    clock.advance(Duration.ofMinutes(30));
    told(leader.id(), WallTime.ENDS, second.toEpochMilli());
    clock.advance(Duration.ofMinutes(30));
    step(leader, second);
    assertThat(state()).isEqualTo(SessionState.OPEN);
    clock.advance(Duration.ofHours(2).minus(FIXED));
    assertThat(leader.awaitEnd()).isEqualTo(End.CLEAN);
  }

  @Test
  void theFirstCoordinatorsLeaveAndTheLastOneDrains() throws Exception {
    Instant first = in(Duration.ofHours(1));
    Instant last = in(Duration.ofHours(2));
    CoordinatorDaemon one = endingAt(first);
    CoordinatorDaemon two = endingAt(last);
    clock.advance(Duration.ofHours(1).minusSeconds(29));
    assertThat(one.awaitEnd()).isEqualTo(End.STOPPED);
    one.close();
    assertThat(state()).isEqualTo(SessionState.OPEN);
    clock.advance(Duration.between(clock.instant(), last.minus(FIXED)));
    assertThat(two.awaitEnd()).isEqualTo(End.CLEAN);
  }

  @Test
  void aCoordinatorWithoutEndKeepsTheSessionOpen() throws Exception {
    Instant end = in(Duration.ofHours(1));
    CoordinatorDaemon one = endingAt(end);
    coordinator(settings());
    clock.advance(Duration.ofHours(1).minusSeconds(40));
    step(one, end);
    assertThat(state()).isEqualTo(SessionState.OPEN);
    clock.advance(Duration.ofSeconds(11));
    assertThat(one.awaitEnd()).isEqualTo(End.STOPPED);
    assertThat(state()).isEqualTo(SessionState.OPEN);
  }

  @Test
  void soDoesOneThatAnotherFollows() throws Exception {
    Instant end = in(Duration.ofHours(1));
    CoordinatorDaemon one = endingAt(end, Keys.DRAIN_AT_END.name(), "false");
    clock.advance(Duration.ofHours(1).minusSeconds(40));
    step(one, end);
    assertThat(state()).isEqualTo(SessionState.OPEN);
    clock.advance(Duration.ofSeconds(11));
    assertThat(one.awaitEnd()).isEqualTo(End.STOPPED);
    assertThat(state()).isEqualTo(SessionState.OPEN);
  }

  @Test
  void soDoesAWorkerThatGoesOnForLonger() throws Exception {
    Instant end = in(Duration.ofHours(1));
    CoordinatorDaemon one = endingAt(end);
    Registration worker = worker(in(Duration.ofHours(2)));
    clock.advance(Duration.ofHours(1).minusSeconds(40));
    step(one, end);
    assertThat(state()).isEqualTo(SessionState.OPEN);
    clock.advance(Duration.ofSeconds(11));
    assertThat(one.awaitEnd()).isEqualTo(End.STOPPED);
    assertThat(state()).isEqualTo(SessionState.OPEN);
    worker.close();
  }
}
