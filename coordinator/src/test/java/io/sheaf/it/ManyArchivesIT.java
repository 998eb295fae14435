package io.sheaf.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One worker and far more archives than it may have batches open for. */
@Tag("cluster")
class ManyArchivesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int OPEN = 16;

  @TempDir Path directory;

  @Test
  void twentyThousandFilesRoundRobinIntoFourHundredArchives() throws Exception {
    run(false);
  }

  @Test
  void whatAKilledWorkerLeftOfThemArrivesToo() throws Exception {
    run(true);
  }

  private void run(boolean killed) throws Exception {
    Tools.need("python3");
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      Running worker = cluster.worker(0, "--max-open", "" + OPEN);
      List<String> size = List.of("--archives", "400", "--processes", "4", "--files", "5000");
      cluster.writers(0, "many", size.toArray(String[]::new)).endsWith(0, PATIENCE);
      assertThat(cluster.acknowledged()).isEqualTo(20_000);
      assertThat(batches(cluster.base())).hasSizeLessThanOrEqualTo(OPEN + 1);
      if (killed) {
        worker.kill();
      }
      cluster.coordinator("--salvage-grace", "1s");
      cluster.drained();
      cluster.everyAcknowledgedDepositIsThereOnce();
      assertThat(batches(cluster.base())).isEmpty();
      cluster.verify("--deep").endsWith(0, PATIENCE);
    }
  }

  private static List<Path> batches(Path base) throws Exception {
    return FilesBelow.of(base.resolve(".sheaf/inbox"));
  }
}
