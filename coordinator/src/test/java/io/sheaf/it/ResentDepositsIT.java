package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.SocketDepositor;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The worker is killed under load and started again, time after time; clients send again what was
 * not answered, to one that knows nothing of what the others had. No deposit fails, and each is in
 * its archive once.
 */
@Tag("cluster")
class ResentDepositsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int KILLS = Integer.getInteger("sheaf.resent.kills", 5);
  private static final int CLIENTS = 3;
  private static final int ARCHIVES = 4;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"error", "all"})
  void nothingIsLostAndNothingDoubled(String duplicates) throws Exception {
    long seed = Long.getLong("sheaf.seed", System.nanoTime());
    System.out.println("seed of the kills: " + seed);
    Random random = new Random(seed);
    String[] options = {"--rotate-interval", "1s", "--duplicates", duplicates};
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      List<String> coordinating = new ArrayList<>(List.of(options));
      coordinating.addAll(List.of("--salvage-grace", "1s"));
      Running coordinator = cluster.coordinator(coordinating.toArray(String[]::new));
      Running worker = cluster.worker(0, options);
      AtomicInteger answered = new AtomicInteger();
      AtomicInteger wanted = new AtomicInteger(Integer.MAX_VALUE);
      List<CompletableFuture<Integer>> clients = new ArrayList<>();
      for (int c = 0; c < CLIENTS; c++) {
        int client = c;
        clients.add(
            CompletableFuture.supplyAsync(
                () -> deposit(cluster, client, answered, wanted), threads));
      }
      for (int kill = 0; kill < KILLS; kill++) {
        int more = answered.get() + 1 + random.nextInt(4_000);
        eventually("deposits", PATIENCE, () -> answered.get() >= more);
        worker.kill();
        worker = cluster.worker(0, options);
      }
      wanted.set(answered.get() + 1_000);
      int[] made = new int[CLIENTS];
      for (int c = 0; c < CLIENTS; c++) {
        made[c] = clients.get(c).get(5, TimeUnit.MINUTES);
      }
      // What a worker was writing when it was killed is torn, and drain then says 3.
      assertThat(cluster.drain().await(PATIENCE)).isIn(0, 3);
      assertThat(coordinator.await(PATIENCE)).isIn(0, 3);
      assertThat(cluster.verify("--deep").await(PATIENCE)).isIn(0, 3);
      assertEachOnce(cluster.base(), made);
      System.out.println("deposits: " + answered.get() + ", kills: " + KILLS);
    } finally {
      threads.shutdownNow();
    }
  }

  private static int deposit(
      Cluster cluster, int client, AtomicInteger answered, AtomicInteger wanted) {
    try (SocketDepositor to =
        SocketDepositor.connect(
            Settings.builder()
                .options(
                    Map.of(
                        Keys.SOCKET.name(),
                        cluster.socket(0).toString(),
                        Keys.RESEND_TIME.name(),
                        "5m",
                        Keys.RESEND_TRIES.name(),
                        "1000000"))
                .build())) {
      Deque<CompletableFuture<Void>> answers = new ArrayDeque<>();
      int n = 0;
      for (; answered.get() < wanted.get(); n++) {
        answers.add(
            to.depositAsync(name(client, n), ByteBuffer.wrap(body(n)), DepositOptions.DEFAULT));
        while (answers.size() > 50) {
          answers.remove().get(5, TimeUnit.MINUTES);
          answered.incrementAndGet();
        }
      }
      for (CompletableFuture<Void> answer : answers) {
        answer.get(5, TimeUnit.MINUTES);
        answered.incrementAndGet();
      }
      return n;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static String name(int client, int n) {
    return "a" + n % ARCHIVES + ".zip/" + client + "/" + n;
  }

  /** Of most some hundred bytes, of some so many that they are written alone. */
  private static byte[] body(int n) {
    byte[] body = new byte[n % 500 == 499 ? 1_200_000 : 50 + n % 700];
    new Random(n).nextBytes(body);
    return body;
  }

  private static void assertEachOnce(Path base, int[] made) throws Exception {
    Set<String> missing = new TreeSet<>();
    for (int client = 0; client < made.length; client++) {
      for (int n = 0; n < made[client]; n++) {
        missing.add(name(client, n));
      }
    }
    for (int a = 0; a < ARCHIVES; a++) {
      Path archive = base.resolve("a" + a + ".zip");
      assertThat(Files.exists(archive)).isTrue();
      try (ZipFile zip = new ZipFile(archive.toFile())) {
        for (ZipEntry entry : Collections.list(zip.entries())) {
          String name = "a" + a + ".zip/" + entry.getName();
          assertThat(missing.remove(name)).as("once, and nothing else: " + name).isTrue();
          try (InputStream in = zip.getInputStream(entry)) {
            int n = Integer.parseInt(name.substring(name.lastIndexOf('/') + 1));
            assertThat(in.readAllBytes()).as(name).isEqualTo(body(n));
          }
        }
      }
    }
    assertThat(missing).isEmpty();
  }
}
