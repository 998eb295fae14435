package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ZooKeeper away while writers go on, and ZooKeeper's data wiped while everything is down. */
@Tag("cluster")
class OutageIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** How long the server is away: longer than a session. {@code -Dsheaf.outage=120} for more. */
  private static final long OUTAGE = Long.getLong("sheaf.outage", 25);

  private static final String[] ROTATION = {"--rotate-interval", "2s"};

  @TempDir Path directory;

  @Test
  void noDepositFailsWhileZooKeeperIsAway() throws Exception {
    Tools.need("python3");
    try (Cluster cluster = new Cluster(directory)) {
      Running server = cluster.zookeeper();
      Running coordinator = cluster.coordinator(ROTATION);
      Running worker = cluster.worker(0, ROTATION);
      Running writers =
          cluster.writers(
              0,
              "outage",
              "--processes",
              "4",
              "--files",
              "1000000",
              "--pause",
              "0.004",
              "--seconds",
              "" + (OUTAGE + 10));
      eventually("deposits", PATIENCE, () -> cluster.acknowledged() > 1_000);
      server.terminate();
      server.endsWith(0, PATIENCE);
      long before = cluster.acknowledged();
      writers.endsWith(0, Duration.ofSeconds(OUTAGE + 60));
      assertThat(cluster.acknowledged() - before).isGreaterThan(OUTAGE * 50);
      assertThat(worker.isAlive()).isTrue();
      assertThat(coordinator.isAlive()).isTrue();

      cluster.zookeeper();
      cluster.drained();
      cluster.everyAcknowledgedDepositIsThereOnce();
      cluster.verify().endsWith(0, PATIENCE);
    }
  }

  @Test
  void aRestartFinishesWhatIsPendingAfterZooKeeperWasWiped() throws Exception {
    Tools.need("python3");
    try (Cluster cluster = new Cluster(directory)) {
      Running server = cluster.zookeeper();
      Running worker = cluster.worker(0, ROTATION);
      cluster
          .writers(0, "wiped", "--processes", "2", "--files", "2000", "--archives", "7")
          .endsWith(0, PATIENCE);
      // Nobody merges yet. One batch of each archive is closed, published and pending now.
      worker.terminate();
      worker.endsWith(0, PATIENCE);
      server.terminate();
      server.endsWith(0, PATIENCE);
      wipe(cluster.zookeeperData());

      cluster.zookeeper();
      Running coordinator = cluster.coordinator(ROTATION);
      eventually("the inbox is empty", PATIENCE, () -> batches(cluster.base()).isEmpty());
      cluster.drained();
      coordinator.endsWith(0, PATIENCE);
      cluster.everyAcknowledgedDepositIsThereOnce();
      cluster.verify().endsWith(0, PATIENCE);
    }
  }

  private static List<Path> batches(Path base) throws IOException {
    return FilesBelow.of(base.resolve(".sheaf/inbox"));
  }

  private static void wipe(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
