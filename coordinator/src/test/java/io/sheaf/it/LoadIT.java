package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sheaf load}, and the reader of archives that is not Sheaf and accounts for it. */
class LoadIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @TempDir Path directory;

  @BeforeEach
  void needsPython() {
    Tools.need("python3");
  }

  @Test
  void theAccountIsFoundInTheArchives() throws Exception {
    String sheaf =
        System.getProperty("java.home") + "/bin/java -jar " + System.getProperty("sheaf.jar");
    String load = sheaf + " load --account account --archives 3 --again 0.2 --for 2s";
    try (Running local =
        Running.sheaf(directory, "local", "local", "--base", "base", "--", "sh", "-c", load)) {
      local.endsWith(0, PATIENCE);
      assertThat(local.err()).contains("--seed ");
      assertThat(local.out()).contains("failed 0, in flight 0");
    }
    assertThat(lines("done")).isGreaterThan(50).isEqualTo(lines("sent"));
    account("base", 0, "lost 0 doubled 0 alien 0 torn 0 archives 3");

    Files.delete(directory.resolve("base/load-1.zip"));
    account("base", 1, "doubled 0 alien 0 torn 0 archives 2");
  }

  @Test
  @Tag("cluster")
  void goesOnWhenItsWorkerIsKilled() throws Exception {
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      cluster.coordinator("--rotate-interval", "2s");
      try (Running load =
          Running.sheaf(
              directory,
              "load",
              Map.of(),
              List.of(),
              List.of(
                  "load",
                  "--account",
                  "account",
                  "--socket",
                  cluster.socket(0).toString(),
                  "--rate",
                  "0",
                  "--resend-time",
                  "1s"))) {
        load.prints("takes nothing, going on: no worker serves", PATIENCE);
        for (int kill = 0; kill < 3; kill++) {
          Running worker = cluster.worker(0, "--rotate-interval", "2s");
          long before = lines("done");
          eventually("deposits", PATIENCE, () -> lines("done") > before + 500);
          worker.kill();
          int times = kill + 2;
          eventually("it tells", PATIENCE, () -> load.err().split("takes nothing").length > times);
        }
        cluster.worker(0, "--rotate-interval", "2s");
        long before = lines("done");
        eventually("deposits", PATIENCE, () -> lines("done") > before + 500);
        load.terminate();
        load.endsWith(0, PATIENCE);
        assertThat(load.err()).contains("takes deposits again, after ");
      }
      cluster.drained();
      account(cluster.base().toString(), 0, "lost 0 doubled 0 alien 0 torn 0 archives 20");
    }
  }

  /** The tests of the reader itself: it must see what is wrong. */
  @Test
  void theReaderSeesEachKindOfFault() throws Exception {
    List<String> command = List.of("python3", "-B", docker("test_account.py"));
    try (Running tests = Running.command(directory, "tests", Map.of(), command)) {
      assertThat(tests.endsWith(0, PATIENCE).err()).contains("OK");
    }
  }

  private void account(String base, int status, String said) throws Exception {
    List<String> command = List.of("python3", "-B", docker("account.py"), base, "account");
    try (Running account = Running.command(directory, "accounting", Map.of(), command)) {
      assertThat(account.endsWith(status, PATIENCE).out()).contains(said);
      System.out.print(account.out());
    }
  }

  private long lines(String kind) throws Exception {
    Path account = directory.resolve("account");
    if (Files.notExists(account)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(account)) {
      return lines.filter(line -> line.startsWith(kind + "\t")).count();
    }
  }

  private static String docker(String file) {
    return Path.of("../docker", file).toAbsolutePath().normalize().toString();
  }
}
