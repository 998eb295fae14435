package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The doors that no other test kills a worker at, each under load at the same time: tar streams,
 * files that are picked up and removed, and single entries, with both durabilities. (Logs: {@link
 * AppendsIT}; the spool: {@link SpoolIT}; the clients: {@link ResentDepositsIT}, {@link
 * PythonClientIT}.)
 */
@Tag("cluster")
class DoorsKilledIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int KILLS = Integer.getInteger("sheaf.doors.kills", 6);

  @TempDir Path directory;

  @Test
  void nothingIsLostAndNothingDoubled() throws Exception {
    Tools.need("python3");
    long seed = Long.getLong("sheaf.seed", System.nanoTime());
    System.out.println("seed of the kills: -Dsheaf.seed=" + seed);
    Random random = new Random(seed);
    // Under this policy an entry that came twice with other ids would be in quarantine.
    String[] options = {"--duplicates", "error", "--rotate-interval", "2s"};
    Path files = Files.createDirectory(directory.resolve("files"));
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      Running coordinator =
          cluster.coordinator(
              "--duplicates", "error", "--rotate-interval", "2s", "--salvage-grace", "1s");
      Running worker = cluster.worker(0, options);
      Running load =
          cluster.doors(
              0, files, "put:write", "put:fsync", "tar:write", "tar:fsync", "pickup:fsync");
      for (int kill = 0; kill < KILLS; kill++) {
        long before = cluster.acknowledged();
        eventually("more is taken", PATIENCE, () -> cluster.acknowledged() > before + 100);
        LockSupport.parkNanos(random.nextLong(1_000_000_000L)); // Any moment will do.
        worker.kill();
        assertThat(load.isAlive()).as(load.err()).isTrue();
        worker = cluster.worker(0, options);
      }
      Files.createFile(files.resolve("stop"));
      load.endsWith(0, PATIENCE);
      // What a worker was writing when it was killed is torn, and drain then says 3.
      assertThat(cluster.drain().await(PATIENCE)).isIn(0, 3);
      assertThat(coordinator.await(PATIENCE)).isIn(0, 3);
      assertThat(cluster.verify("--deep").await(PATIENCE)).isIn(0, 3);
      cluster.everyAcknowledgedDepositIsThereOnce();
      assertThat(FilesBelow.of(files)).as("files that were taken").hasSize(1);
      // Torn tails go to quarantine; an entry that came twice would be there as one.
      assertThat(FilesBelow.of(cluster.base().resolve(".sheaf")))
          .noneMatch(file -> file.toString().endsWith(".entry"));
    }
  }
}
