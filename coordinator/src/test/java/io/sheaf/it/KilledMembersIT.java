package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Four workers, three coordinators, 100,000 files into 40 archives; one of each is killed. */
@Tag("cluster")
class KilledMembersIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int WORKERS = 4;
  private static final int FILES = 100_000;
  private static final int PROCESSES = 2;

  @TempDir Path directory;

  @Test
  void everyAcknowledgedDepositSurvivesAWorkerAndACoordinator() throws Exception {
    Tools.need("python3");
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      String[] rotation = {"--rotate-interval", "2s", "--rotate-entries", "2000"};
      List<Running> coordinators = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        coordinators.add(cluster.coordinator(rotation));
      }
      List<Running> workers = new ArrayList<>();
      List<Running> writers = new ArrayList<>();
      for (int i = 0; i < WORKERS; i++) {
        workers.add(cluster.worker(i, rotation));
        writers.add(
            cluster.writers(
                i,
                "node" + i,
                "--processes",
                "" + PROCESSES,
                "--files",
                "" + FILES / WORKERS / PROCESSES,
                "--size",
                "2000",
                "--archives",
                "40"));
      }
      eventually("a third of the deposits", PATIENCE, () -> cluster.acknowledged() > FILES / 3);
      coordinators.get(0).kill();
      workers.get(0).kill();
      // Its writers see the connection go, and stop.
      writers.get(0).endsWith(1, PATIENCE);
      for (Running writer : writers.subList(1, WORKERS)) {
        writer.endsWith(0, PATIENCE);
      }

      // What the worker was writing when it was killed is torn; it goes to quarantine, and drain
      // says 3.
      Running drain = cluster.drain();
      assertThat(drain.await(PATIENCE)).isIn(0, 3);
      assertSummary(drain.out(), coordinators.subList(1, 3));
      cluster.everyAcknowledgedDepositIsThereOnce();
      assertThat(cluster.verify("--deep").await(PATIENCE)).isIn(0, 3);
      for (Running member : coordinators.subList(1, 3)) {
        assertThat(member.await(PATIENCE)).isIn(0, 3);
      }
      for (Running worker : workers.subList(1, WORKERS)) {
        worker.endsWith(0, PATIENCE);
      }
    }
  }

  private static void assertSummary(String json, List<Running> survivors) throws Exception {
    System.out.println(json.strip());
    JsonNode summary = new ObjectMapper().readTree(json);
    assertThat(summary.findPath("salvagedBatches").asLong()).isPositive();
    assertThat(summary.findPath("salvagedEntries").asLong()).isPositive();
    List<String> merged = new ArrayList<>();
    summary.findPath("mergesBy").fieldNames().forEachRemaining(merged::add);
    // An id is HOST-PID-INCARNATION: every coordinator that lived has merged.
    for (Running survivor : survivors) {
      assertThat(merged).anyMatch(id -> id.contains("-" + survivor.pid() + "-"));
    }
  }
}
