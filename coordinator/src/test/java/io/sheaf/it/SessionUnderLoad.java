package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A session in which something is always being merged: writers deposit small files into many
 * archives, batches are closed after a few entries, and some come a second time. {@link #end} is
 * the oracle.
 */
final class SessionUnderLoad implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofMinutes(2);

  /** So many that those whose claims died with their holder leave enough to do. */
  static final int ARCHIVES = 16;

  /** A dead member's claims are free again after this and a second. */
  private static final String SESSION_TIMEOUT = "2s";

  /** Starts half as long; these processes do not live to profit from a better compiler. */
  private static final List<String> JVM = List.of("-XX:TieredStopAtLevel=1");

  private final Cluster cluster;
  private final String[] options;
  private final boolean rolls;
  private final Running writers;
  private final Redelivery redelivery;
  private final List<Long> killedWorkers = new ArrayList<>();
  private Running worker;

  SessionUnderLoad(Path directory, Round round) throws Exception {
    this.cluster = new Cluster(directory);
    this.options =
        new String[] {
          "--session-timeout",
          SESSION_TIMEOUT,
          "--rotate-interval",
          "1s",
          "--rotate-entries",
          "20",
          "--merge-max-age",
          "0s",
          "--commit",
          round.option(),
          "--archive-max-entries",
          round.rolls() ? "150" : "0"
        };
    this.rolls = round.rolls();
    boolean started = false;
    try {
      cluster.zookeeper();
      worker = startWorker();
      writers =
          cluster.writers(
              0,
              "load",
              "--processes",
              "2",
              "--files",
              "1000000",
              "--size",
              "300",
              "--archives",
              "" + ARCHIVES,
              "--pause",
              "0.002",
              "--reconnect");
      eventually("an inbox", PATIENCE, () -> Files.isDirectory(base().resolve(".sheaf/inbox")));
      redelivery = new Redelivery(base(), directory.resolve("carried"), round.seed());
      started = true;
    } finally {
      if (!started) {
        cluster.close();
      }
    }
  }

  Path base() {
    return cluster.base();
  }

  String servers() {
    return cluster.servers();
  }

  Running coordinator() throws Exception {
    return coordinator(cluster.servers());
  }

  /** Starts a coordinator that finds ZooKeeper at an address of the test's own. */
  Running coordinator(String servers) throws Exception {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--salvage-grace", "1s", "--scan-interval", "1s"));
    return cluster.coordinator(servers, JVM, all.toArray(String[]::new));
  }

  /** Starts a recovery that needs no ZooKeeper, beside whoever is at work. */
  Running recovery() throws Exception {
    return cluster.recovery(JVM, "--commit", options[9], "--archive-max-entries", options[11]);
  }

  /** What a recovery beside others may end with: all is merged, or some is in other hands. */
  static void assertRecovered(Running recovery) throws Exception {
    assertThat(recovery.await(PATIENCE)).as("%s %s", recovery.out(), recovery.err()).isIn(0, 3);
  }

  /** Whether a coordinator has joined. */
  static boolean serves(Running coordinator) throws Exception {
    assertThat(coordinator.isAlive()).as(coordinator.err()).isTrue();
    return coordinator.err().contains(" serves ");
  }

  /** Kills the worker and starts another in its place, to which the writers go over. */
  void killWorker() throws Exception {
    assertThat(rolls).isFalse();
    killedWorkers.add(worker.pid());
    worker.kill();
    worker = startWorker();
  }

  private Running startWorker() throws Exception {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--max-open", "" + ARCHIVES / 2)); // the others share a batch
    return cluster.worker(0, JVM, all.toArray(String[]::new));
  }

  /** Waits until each archive has been merged into, so that all directories are there. */
  void underWay() throws Exception {
    eventually(
        "every archive was merged into",
        PATIENCE,
        () -> {
          for (int i = 0; i < ARCHIVES; i++) {
            if (!Files.exists(base().resolve(".sheaf/ledger/ar" + i + ".zip.json"))) {
              return false;
            }
          }
          return true;
        });
  }

  /**
   * Ends the load and the session: every deposit that was acknowledged is in its archive, once and
   * unharmed; nothing is left to do; nothing is in quarantine but what killed workers left torn.
   */
  String end() throws Exception {
    assertThat(writers.isAlive()).as("%s %s", writers.out(), writers.err()).isTrue();
    writers.close();
    int again = redelivery.end();
    Running drain = cluster.drain();
    assertThat(drain.await(PATIENCE)).as("%s %s", drain.out(), drain.err()).isIn(0, 3);
    String counts = cluster.everyAcknowledgedDepositIsThereOnce();
    Running verify = cluster.verify("--deep", "--output", "json");
    assertThat(verify.await(PATIENCE)).as("%s %s", verify.out(), verify.err()).isIn(0, 3);
    assertNothingLeft(new ObjectMapper().readTree(verify.out()));
    return counts.strip() + ", " + again + " batches again";
  }

  private void assertNothingLeft(JsonNode report) throws Exception {
    assertThat(report.get("archives")).hasSizeGreaterThanOrEqualTo(ARCHIVES);
    for (JsonNode archive : report.get("archives")) {
      assertThat(archive.get("status").asText()).as("%s", archive).isEqualTo("ok");
    }
    for (String what : List.of("pending", "open", "strays", "problems")) {
      assertThat(report.get(what)).as(what).isEmpty();
    }
    for (JsonNode item : report.get("quarantined")) {
      assertThat(killedWorkers)
          .as("%s", item)
          .anyMatch(pid -> item.get("path").asText().contains("-" + pid + "-"));
      assertThat(item.get("path").asText()).matches(".*\\.(tail|entry)");
    }
    // A temporary file of the one merge that found nothing new is written over at the next.
    assertThat(FilesBelow.of(base().resolve(".sheaf/journal")))
        .filteredOn(f -> !f.toString().endsWith(".tmp"))
        .isEmpty();
  }

  @Override
  public void close() {
    redelivery.close();
    cluster.close();
  }
}
