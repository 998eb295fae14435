package io.sheaf.containers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user does with docker/compose.yaml: start it, kill a part of it, look, end it. */
@Tag("containers")
class ComposeIT {
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final long DEPOSITS = 300;

  @TempDir Path directory;

  @Test
  void aKilledWorkerAndAKilledLeaderAreTakenOver() throws Exception {
    try (Compose cluster = Compose.of(directory)) {
      boolean done = false;
      try {
        run(cluster);
        done = true;
      } finally {
        if (!done) {
          cluster.keepLogs(Path.of("target/compose.log"));
        }
      }
    }
  }

  private static void run(Compose cluster) throws Exception {
    cluster.compose("up", "-d");
    for (int worker = 1; worker <= 4; worker++) {
      int own = worker;
      eventually("deposits with worker" + own, () -> cluster.answered(own) > DEPOSITS);
    }
    for (String service : List.of("zk1", "zk2", "zk3", "coordinator1", "coordinator3", "worker4")) {
      eventually(service + " is healthy", () -> cluster.health(service).equals("healthy"));
    }
    String leader = status(cluster).get("leader").asText();

    String led = leader.substring(0, leader.indexOf('-'));
    cluster.kill("worker2");
    cluster.kill(led);
    String left = led.equals("coordinator1") ? "coordinator2" : "coordinator1";
    eventually(
        "another leads, and what the worker had is salvaged",
        () -> {
          JsonNode now = statusIn(cluster, left);
          return now.get("workers").size() == 3
              && now.get("dead").isEmpty()
              && !now.path("leader").asText().isEmpty()
              && !now.path("leader").asText().equals(leader);
        });
    long before = cluster.answered(1);
    eventually("deposits go on", () -> cluster.answered(1) > before + DEPOSITS);

    cluster.compose("up", "-d");
    long more = cluster.answered(2);
    eventually("the worker is back", () -> cluster.answered(2) > more + DEPOSITS);
    cluster.compose("stop", "load1", "load2", "load3", "load4");
    String drained =
        cluster.sheafHere("session", "drain", "demo", "--base", cluster.out().toString());
    assertThat(drained).contains("session demo: closed", "salvaged from workers that died");
    String account = cluster.account();
    assertThat(account).contains("lost 0 doubled 0 alien 0 torn 0 archives 20");
    System.out.print(drained + account);
  }

  /** From this machine, by way of the published ports. */
  private static JsonNode status(Compose cluster) throws Exception {
    return new ObjectMapper()
        .readTree(cluster.sheafHere("session", "status", "demo", "--output", "json"));
  }

  /** From a member, which sees the base directory too. */
  private static JsonNode statusIn(Compose cluster, String service) throws Exception {
    return new ObjectMapper()
        .readTree(cluster.sheafIn(service, "session", "status", "demo", "--output", "json"));
  }

  private static void eventually(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("after " + PATIENCE + " still not: " + what);
      }
      TimeUnit.MILLISECONDS.sleep(500); // Each look is a process or two.
    }
  }
}
