package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Coordinators killed with SIGKILL at random moments while they merge; others go on. Now and then
 * the worker is killed too. {@code -Dsheaf.kills=300} for more than CI does.
 */
@Tag("cluster")
class KillMomentsIT {
  private static final int KILLS = Integer.getInteger("sheaf.kills", 40);

  /**
   * Of a hundred moments, so many come at any time, the others upon something that a merge does.
   */
  private static final int ANY_TIME_PERCENT = 30;

  private static final long ANY_TIME_NANOS = TimeUnit.MILLISECONDS.toNanos(600);
  private static final int TRACES = 40;
  private static final long AFTER_TRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(3);
  private static final int WORKER_EVERY = 12;
  private static final int RECOVERY_EVERY = 8;

  /**
   * What merges left in flight, and how often; "nothing" where the kill came between two merges.
   */
  private static final Map<String, Integer> LEFT = new TreeMap<>();

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  static List<Round> rounds() {
    return Round.of(KILLS, 10);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rounds")
  void noDepositIsLostOrDoubled(Round round) throws Exception {
    Tools.need("python3");
    round.filesystem().need();
    long began = System.nanoTime();
    Filesystem.Mounted mounted = round.filesystem().mount(directory.resolve("base"));
    try (SessionUnderLoad session = new SessionUnderLoad(directory, round)) {
      String counts = killing(session, round);
      System.out.printf(
          "killed %s: %s, %d s%n",
          round, counts, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
    } catch (AssertionError | Exception e) {
      mounted.keepCopy();
      throw new AssertionError("killed " + round + "; see " + directory, e);
    } finally {
      mounted.unmount();
    }
  }

  private static String killing(SessionUnderLoad session, Round round) throws Exception {
    List<Running> live = new ArrayList<>(List.of(session.coordinator(), session.coordinator()));
    session.underWay();
    Random random = new Random(round.seed());
    try (Traces traces = new Traces(session.base())) {
      for (int i = 1; i <= round.moments(); i++) {
        if (i % WORKER_EVERY == WORKER_EVERY / 2 && !round.rolls()) {
          session.killWorker();
        }
        Running recovery = i % RECOVERY_EVERY == 0 ? session.recovery() : null;
        eventually(
            "a coordinator serves", SessionUnderLoad.PATIENCE, () -> serving(live).size() > 0);
        Running victim = atAMoment(session, traces, live, random);
        live.remove(victim);
        live.add(session.coordinator());
        if (recovery != null) {
          endOrKill(recovery, random);
        }
      }
    }
    return session.end();
  }

  private static void endOrKill(Running recovery, Random random) throws Exception {
    if (random.nextBoolean()) {
      recovery.kill();
    } else {
      SessionUnderLoad.assertRecovered(recovery);
    }
  }

  private static List<Running> serving(List<Running> live) throws Exception {
    List<Running> serving = new ArrayList<>();
    for (Running coordinator : live) {
      if (SessionUnderLoad.serves(coordinator)) {
        serving.add(coordinator);
      }
    }
    return serving;
  }

  private static Running atAMoment(
      SessionUnderLoad session, Traces traces, List<Running> live, Random random) throws Exception {
    Optional<String> archive = Optional.empty();
    if (random.nextInt(100) < ANY_TIME_PERCENT) {
      LockSupport.parkNanos(random.nextLong(ANY_TIME_NANOS));
    } else {
      traces.forget();
      archive = traces.await(1 + random.nextInt(TRACES), SessionUnderLoad.PATIENCE);
      assertThat(archive).as("somebody merges").isPresent();
      LockSupport.parkNanos(random.nextBoolean() ? 0 : random.nextLong(AFTER_TRACE_NANOS));
    }
    Running victim = victim(session.base(), archive, serving(live), random);
    victim.kill();
    if (archive.isPresent()) {
      // Its claim lasts a second or more: until then nobody touches what it left.
      String left = String.join("+", new ClaimedFiles(session.base(), archive.get()).inFlight());
      LEFT.merge(left.isEmpty() ? "nothing" : left, 1, Integer::sum);
    } else {
      LEFT.merge("not looked at", 1, Integer::sum);
    }
    return victim;
  }

  /** Who has claimed the archive, or anybody. */
  private static Running victim(
      Path base, Optional<String> archive, List<Running> serving, Random random) throws Exception {
    if (archive.isPresent()) {
      OptionalLong holder = new ClaimedFiles(base, archive.get()).holder();
      for (Running coordinator : serving) {
        if (holder.isPresent() && coordinator.pid() == holder.getAsLong()) {
          return coordinator;
        }
      }
    }
    return serving.get(random.nextInt(serving.size()));
  }

  /** That the moments are worth something: some merges were cut off in the middle. */
  @AfterAll
  static void someWereInFlight() {
    System.out.println("left in flight by those killed: " + LEFT);
    if (!LEFT.isEmpty()) {
      assertThat(LEFT.keySet()).anyMatch(left -> left.contains("undo"));
    }
  }
}
