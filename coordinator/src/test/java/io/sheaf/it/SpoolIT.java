package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files in a spool directory, whose worker is killed again and again. */
@Tag("cluster")
class SpoolIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int KILLS = Integer.getInteger("sheaf.spool.kills", 8);

  @TempDir Path directory;

  private Path spool() {
    return directory.resolve("spool");
  }

  @Test
  void eachFileIsThereOnceHoweverOftenItsWorkerIsKilled() throws Exception {
    Tools.need("python3");
    long seed = Long.getLong("sheaf.seed", System.nanoTime());
    System.out.println("seed of the kills: " + seed);
    Random random = new Random(seed);
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      // Under this policy an entry that came twice would be in quarantine.
      String[] options = {"--duplicates", "error", "--salvage-grace", "1s"};
      cluster.coordinator(options);
      try (Running load = load(cluster)) {
        for (int i = 0; i < KILLS; i++) {
          Running worker = cluster.worker(i, "--duplicates", "error", "--spool", "" + spool());
          long before = cluster.acknowledged();
          int more = 50 + random.nextInt(500);
          eventually("more files", PATIENCE, () -> cluster.acknowledged() > before + more);
          worker.kill();
        }
        assertThat(load.isAlive()).as(load.err()).isTrue();
      }
      cluster.worker(KILLS, "--duplicates", "error", "--spool", "" + spool());
      eventually(
          "nothing is new", PATIENCE, () -> files("new").isEmpty() && files("cur").isEmpty());
      assertThat(files("failed")).isEmpty();
      // What tore in a kill is in quarantine; its file was still in the spool.
      assertThat(cluster.drain().await(PATIENCE)).isIn(0, 3);
      cluster.everyAcknowledgedDepositIsThereOnce();
    }
  }

  private Running load(Cluster cluster) throws Exception {
    Files.createDirectories(spool().resolve("tmp"));
    return cluster.writers(
        0,
        "load",
        "--processes",
        "2",
        "--files",
        "1000000",
        "--size",
        "300",
        "--archives",
        "3",
        "--pause",
        "0.001",
        "--spool",
        "" + spool());
  }

  private List<Path> files(String part) throws IOException {
    return FilesBelow.of(spool().resolve(part));
  }
}
