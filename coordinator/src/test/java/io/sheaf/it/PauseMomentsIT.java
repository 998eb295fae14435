package io.sheaf.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.conf.CommitStrategy;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A coordinator stopped with SIGSTOP until its ZooKeeper session has expired and another merges in
 * its place, then continued: between a check of its claim and what it checked for, and at other
 * moments. {@code -Dsheaf.pauses=30} for more than CI does.
 */
@Tag("cluster")
class PauseMomentsIT {
  private static final int PAUSES = Integer.getInteger("sheaf.pauses", 6);

  /** Of those before a rename. */
  private static final int RENAMES = Math.max(2, PAUSES / 6);

  /** What pauses met, and how often. */
  private static final Map<String, Integer> MET = new TreeMap<>();

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  static List<Round> rounds() {
    return Round.of(PAUSES, 1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rounds")
  void whoWakesAfterItsSessionDoesNoHarm(Round round) throws Exception {
    pausing(
        round,
        pauses -> {
          for (int i = 0; i < round.moments(); i++) {
            List<String> unused = pauses.next(pauses.pause.anywhere());
          }
        });
  }

  @Test
  void whoWakesBetweenCheckAndRenameRenamesUnderItsPosixLock() throws Exception {
    Round round =
        new Round(Filesystem.HERE, CommitStrategy.REPLACE, false, RENAMES, System.nanoTime());
    pausing(
        round,
        pauses -> {
          int renames = 0;
          for (int i = 0; renames < RENAMES; i++) {
            // The other may do all the merging for a while, but not for ever.
            assertThat(i).as("tries").isLessThan(5 * RENAMES);
            List<String> met = pauses.next(Pause.At.BEFORE_RENAME);
            if (met.contains("stopped at " + Pause.At.BEFORE_RENAME)) {
              assertThat(met).contains(Pause.RENAMED);
              renames++;
            }
          }
        });
  }

  private void pausing(Round round, Pausing pausing) throws Exception {
    Tools.needRoot(); // For a real-time priority, see resumeBriefly; and to hold another's thread.
    Tools.need("python3", "strace");
    round.filesystem().need();
    long began = System.nanoTime();
    Filesystem.Mounted mounted = round.filesystem().mount(directory.resolve("base"));
    try (SessionUnderLoad session = new SessionUnderLoad(directory, round)) {
      String counts = pausing(session, round, pausing);
      System.out.printf(
          "paused %s: %s, %d s%n",
          round, counts, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
    } catch (AssertionError | Exception e) {
      mounted.keepCopy();
      throw new AssertionError("paused " + round + "; see " + directory, e);
    } finally {
      mounted.unmount();
    }
  }

  private String pausing(SessionUnderLoad session, Round round, Pausing pausing) throws Exception {
    Random random = new Random(round.seed());
    try (Tree tree = Tree.connect(TreeOptions.open(session.servers()));
        ProxiedCoordinator one = new ProxiedCoordinator(session);
        ProxiedCoordinator other = new ProxiedCoordinator(session)) {
      session.underWay();
      try (Traces traces = new Traces(session.base())) {
        Pause pause = new Pause(directory, session, tree, traces, random);
        pausing.run(new Pauses(pause, one, other));
      }
      return session.end();
    }
  }

  private interface Pausing {
    void run(Pauses pauses) throws Exception;
  }

  /** Pauses one or the other of two. */
  private record Pauses(Pause pause, ProxiedCoordinator one, ProxiedCoordinator other) {
    List<String> next(Pause.At at) throws Exception {
      one.awaitServing();
      other.awaitServing();
      ProxiedCoordinator member = pause.random().nextBoolean() ? one : other;
      List<String> met = pause.once(member, at);
      met.forEach(what -> MET.merge(what, 1, Integer::sum));
      return met;
    }
  }

  @AfterAll
  static void tell() {
    System.out.println("met by those paused: " + MET);
  }
}
