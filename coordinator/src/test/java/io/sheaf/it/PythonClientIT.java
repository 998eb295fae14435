package io.sheaf.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Python client's own tests against a real worker. What they have deposited is then looked up
 * in the archives, with Python's zipfile.
 */
class PythonClientIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int CLIENTS = 3;

  /** How long they deposit while the worker is killed. */
  private static final int SECONDS = Integer.getInteger("sheaf.python.seconds", 20);

  /** What the worker must serve: without it a test fails, and is not skipped. */
  private static final Map<String, String> SERVED =
      Map.of("SHEAF_TEST_SERVED", "append get pickup flush tar");

  @TempDir Path directory;

  @BeforeEach
  void needsPython() {
    Tools.need("python3");
  }

  @Test
  void entries() throws Exception {
    ownTests("EntryTest", "BatchTest", "FindingTest", "RearTest");
  }

  @Test
  @Tag("cluster")
  void everything() throws Exception {
    ownTests();
  }

  private void ownTests(String... classes) throws Exception {
    List<String> command = new ArrayList<>(List.of("local", "--base", base(), "--"));
    command.addAll(python("--expect", "expected"));
    command.addAll(List.of(classes));
    try (Running local = Running.sheaf(directory, "local", SERVED, List.of(), command)) {
      local.endsWith(0, PATIENCE);
      System.out.print(local.err());
    }
    assertThat(lookUp(base(), "expected")).contains("wrong 0");
  }

  /** The worker is killed and started again while clients go on: nothing is lost or doubled. */
  @Test
  @Tag("cluster")
  void workersAreKilledUnderLoad() throws Exception {
    long seed = Long.getLong("sheaf.seed", System.nanoTime());
    System.out.println("seed of the kills: -Dsheaf.seed=" + seed);
    Random random = new Random(seed);
    String[] rotation = {"--rotate-interval", "2s", "--duplicates", "error"};
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      cluster.coordinator(rotation);
      Running worker = cluster.worker(0, rotation);
      List<Running> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(client(cluster, i));
      }
      int kills = 0;
      while (clients.stream().anyMatch(Running::isAlive)) {
        LockSupport.parkNanos(1_000_000_000L + random.nextLong(4_000_000_000L));
        worker.kill();
        kills++;
        worker = cluster.worker(0, rotation);
      }
      for (Running client : clients) {
        System.out.print(client.endsWith(0, PATIENCE).out());
      }
      assertThat(kills).isPositive();
      System.out.println("killed " + kills + " times");
      cluster.drained();
      assertThat(lookUp(cluster.base().toString(), "expected0", "expected1", "expected2"))
          .contains("wrong 0");
      cluster.verify().endsWith(0, PATIENCE);
    }
  }

  private Running client(Cluster cluster, int n) throws Exception {
    Map<String, String> environment = new HashMap<>(SERVED);
    environment.put("SHEAF_SOCKET", cluster.socket(0).toString());
    List<String> command = python("--load", "expected" + n, "" + SECONDS);
    return cluster.keep(Running.command(directory, "client" + n, environment, command));
  }

  @Test
  void theFileComesFromTheProgram() throws Exception {
    try (Running client = Running.sheaf(directory, "client", "client", "python")) {
      assertThat(client.endsWith(0, PATIENCE).out())
          .isEqualTo(Files.readString(clients().resolve("sheaf.py")));
    }
  }

  private String lookUp(String base, String... expected) throws Exception {
    List<String> command = python("--check", base);
    command.addAll(List.of(expected));
    try (Running check = Running.command(directory, "check", Map.of(), command)) {
      return check.endsWith(0, PATIENCE).out();
    }
  }

  private String base() {
    return directory.resolve("out").toString();
  }

  private static List<String> python(String... arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("python3", clients().resolve("test_sheaf.py").toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static Path clients() {
    return Path.of("../worker/clients/python").toAbsolutePath().normalize();
  }
}
