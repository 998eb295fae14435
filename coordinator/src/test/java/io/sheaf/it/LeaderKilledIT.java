package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three coordinators; whoever leads is killed, again and again, while deposits run. */
@Tag("cluster")
class LeaderKilledIT {
  private static final int KILLS = Integer.getInteger("sheaf.leaders", 20);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String SESSION_TIMEOUT = "5s";

  /** As the members' own session has it. */
  private static final String SESSION = "test";

  @TempDir Path directory;

  @Test
  void aNewLeaderComesEachTimeAndNothingIsLost() throws Exception {
    String[] options = {
      "--session-timeout", SESSION_TIMEOUT, "--rotate-interval", "1s", "--merge-max-age", "0s"
    };
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      cluster.worker(0, options);
      List<Running> coordinators = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        coordinators.add(cluster.coordinator(options).prints(" serves ", PATIENCE));
      }
      Running writers =
          cluster.writers(
              0,
              "load",
              "--processes",
              "2",
              "--files",
              "1000000",
              "--size",
              "300",
              "--pause",
              "0.002");
      Settings settings = Settings.builder().option(Keys.SERVERS, cluster.servers()).build();
      List<Long> gaps = new ArrayList<>();
      List<Running> all = new ArrayList<>(coordinators);
      try (Tree tree = Tree.connect(TreeOptions.of(settings))) {
        for (int i = 0; i < KILLS; i++) {
          Running leader = leader(tree, coordinators);
          leader.kill();
          long killed = System.nanoTime();
          coordinators.remove(leader);
          leader(tree, coordinators);
          gaps.add(Duration.ofNanos(System.nanoTime() - killed).toMillis());
          Running next = cluster.coordinator(options).prints(" serves ", PATIENCE);
          coordinators.add(next);
          all.add(next);
        }
      }
      int byLock = 0;
      for (Running coordinator : all) {
        byLock += coordinator.err().contains("taking the lead from it") ? 1 : 0;
      }
      System.out.println(
          KILLS
              + " leaders killed, session timeout "
              + SESSION_TIMEOUT
              + ": the next led after "
              + gaps.stream().min(Comparator.naturalOrder()).orElseThrow()
              + " to "
              + gaps.stream().max(Comparator.naturalOrder()).orElseThrow()
              + " ms, "
              + byLock
              + " coordinators took the lead by a free lock");
      assertThat(gaps).hasSize(KILLS);
      assertThat(byLock).as("not only by what ZooKeeper expires").isGreaterThanOrEqualTo(KILLS / 4);
      assertThat(writers.isAlive()).as(writers.err()).isTrue();
      writers.close();
      assertThat(cluster.drain().await(PATIENCE)).isZero();
      cluster.everyAcknowledgedDepositIsThereOnce();
      cluster.verify("--deep").endsWith(0, PATIENCE);
    }
  }

  /** Waits until one of them leads. */
  private static Running leader(Tree tree, List<Running> coordinators) throws Exception {
    List<Running> found = new ArrayList<>();
    eventually(
        "one of the coordinators leads",
        PATIENCE,
        () -> {
          Optional<String> leader = tree.currentLeader(SESSION);
          coordinators.stream()
              .filter(c -> leader.filter(id -> id.contains("-" + c.pid() + "-")).isPresent())
              .forEach(found::add);
          return !found.isEmpty();
        });
    return found.get(0);
  }
}
