package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.conf.Durability;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.AppendOptions;
import io.sheaf.deposit.AppendStream;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.SegmentRule;
import io.sheaf.deposit.SocketDepositor;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs that go on while workers are killed, disks fill up, and thousands of them are open. */
@Tag("cluster")
class AppendsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int KILLS = Integer.getInteger("sheaf.append.kills", 5);
  private static final int STREAMS = Integer.getInteger("sheaf.append.streams", 10_000);
  private static final int CLIENTS = 8;
  private static final long RESIDENT_KB = 256 << 10;

  @TempDir Path directory;

  /** A log that a client had open, and how much of it the worker said was safe at last. */
  private record Told(String name, long safe, long written, boolean closed) {}

  private static byte[] line(String name, long n) {
    String text = name + " line " + n + " ";
    return (text + "x".repeat((int) (n % 120)) + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] text(String name, long bytes) {
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    for (long n = 0; out.size() < bytes; n++) {
      out.writeBytes(line(name, n));
    }
    return Arrays.copyOf(out.toByteArray(), (int) bytes);
  }

  @Test
  void whatWasToldToBeSafeSurvivesEachKill() throws Exception {
    long seed = Long.getLong("sheaf.seed", System.nanoTime());
    System.out.println("seed of the kills: " + seed);
    Random random = new Random(seed);
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      String[] options = {"--rotate-interval", "1s"};
      Running coordinator = cluster.coordinator("--rotate-interval", "1s", "--salvage-grace", "1s");
      Running worker = cluster.worker(0, options);
      AtomicLong appended = new AtomicLong();
      AtomicBoolean stop = new AtomicBoolean();
      List<CompletableFuture<List<Told>>> clients = new ArrayList<>();
      for (int c = 0; c < CLIENTS; c++) {
        int client = c;
        Path socket = cluster.socket(0);
        clients.add(
            CompletableFuture.supplyAsync(
                () -> appendUntil(socket, client, appended, stop), threads));
      }
      for (int kill = 0; kill < KILLS; kill++) {
        long more = appended.get() + 1_000 + random.nextInt(3_000_000);
        eventually("appends", PATIENCE, () -> appended.get() >= more);
        worker.kill();
        worker = cluster.worker(0, options);
      }
      long more = appended.get() + 1_000_000;
      eventually("appends", PATIENCE, () -> appended.get() >= more);
      stop.set(true);
      List<Told> told = new ArrayList<>();
      for (CompletableFuture<List<Told>> client : clients) {
        told.addAll(client.get(5, TimeUnit.MINUTES));
      }
      // What a worker was writing when it was killed is torn, and drain then says 3.
      assertThat(cluster.drain().await(PATIENCE)).isIn(0, 3);
      assertThat(coordinator.await(PATIENCE)).isIn(0, 3);
      assertThat(cluster.verify("--deep").await(PATIENCE)).isIn(0, 3);
      long bytes = assertAllThere(cluster.base(), told);
      System.out.println("logs: " + told.size() + ", bytes: " + bytes + ", kills: " + KILLS);
    } finally {
      threads.shutdownNow();
    }
  }

  /** With a client that sends nothing again. */
  private static SocketDepositor connect(Path socket) throws IOException {
    return SocketDepositor.connect(
        Settings.builder()
            .options(Map.of(Keys.SOCKET.name(), "" + socket, Keys.RESEND_TIME.name(), "0s"))
            .build());
  }

  /** Appends to one log after the other: a worker's death ends one. */
  private static List<Told> appendUntil(
      Path socket, int client, AtomicLong appended, AtomicBoolean stop) {
    List<Told> told = new ArrayList<>();
    Durability durability = client % 2 == 0 ? Durability.WRITE : Durability.FSYNC;
    SegmentRule rule = client % 4 < 2 ? SegmentRule.parse("200K") : SegmentRule.NONE;
    for (int log = 0; !stop.get(); log++) {
      String name = "c" + client + "-" + log;
      long written = 0;
      long safe = 0;
      try (SocketDepositor to = connect(socket)) {
        AppendStream stream =
            to.append("logs.zip/" + name, new AppendOptions(durability, rule, null));
        try {
          for (long n = 0; !stop.get() && written < 3_000_000; n++) {
            byte[] line = line(name, n);
            written += line.length;
            stream.write(line, 0, line.length);
            appended.addAndGet(line.length);
            if (n % 50 == 0) {
              stream.flush();
            }
          }
          stream.close();
          told.add(new Told(name, written, written, true));
        } catch (IOException e) {
          safe = stream.safe();
          told.add(new Told(name, safe, written, false));
        }
      } catch (IOException e) {
        pause(); // Until there is another worker.
      }
    }
    return told;
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Every log is there up to what was told at least, and nothing of any is there twice. */
  private static long assertAllThere(Path base, List<Told> told) throws IOException {
    long sum = 0;
    Set<String> names = new HashSet<>();
    try (ZipFile zip = new ZipFile(base.resolve("logs.zip").toFile())) {
      for (Told log : told) {
        java.io.ByteArrayOutputStream found = new java.io.ByteArrayOutputStream();
        for (int n = 0; ; n++) {
          String name = n == 0 ? log.name() : log.name() + "." + n;
          ZipEntry entry = zip.getEntry(name);
          if (entry == null) {
            break;
          }
          names.add(name);
          try (InputStream in = zip.getInputStream(entry)) {
            found.writeBytes(in.readAllBytes());
          }
        }
        byte[] bytes = found.toByteArray();
        sum += bytes.length;
        assertThat((long) bytes.length).as("%s", log).isBetween(log.safe(), log.written());
        assertThat(Arrays.equals(bytes, text(log.name(), bytes.length))).as("%s", log).isTrue();
      }
      assertThat(zip.size()).as("nothing else is there: " + names).isEqualTo(names.size());
    }
    return sum;
  }

  @Test
  void tenThousandLogsAreOpen() throws Exception {
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      Running coordinator = cluster.coordinator();
      Running worker = cluster.worker(0, List.of("-Xmx160m"));
      List<SocketChannel> logs = new ArrayList<>();
      try {
        for (int i = 0; i < STREAMS; i++) {
          SocketChannel log = SocketChannel.open(UnixDomainSocketAddress.of(cluster.socket(0)));
          logs.add(log);
          String head =
              "POST /many.zip/log"
                  + i
                  + "?append HTTP/1.1\r\nHost: x\r\n"
                  + "Transfer-Encoding: chunked\r\n\r\n";
          send(log, head);
        }
        for (int round = 0; round < 5; round++) {
          for (int i = 0; i < STREAMS; i++) {
            send(logs.get(i), chunk("log " + i + " round " + round + "\n"));
          }
        }
        System.out.println(STREAMS + " logs open: " + resident(worker) + " kB resident");
        assertThat(resident(worker)).isLessThan(RESIDENT_KB);
        for (SocketChannel log : logs) {
          send(log, "0\r\n\r\n");
        }
        for (SocketChannel log : logs) {
          assertThat(lastStatus(log)).isEqualTo("201");
        }
        System.out.println(STREAMS + " logs ended: " + resident(worker) + " kB resident");
        assertThat(resident(worker)).isLessThan(RESIDENT_KB);
      } finally {
        for (SocketChannel log : logs) {
          log.close();
        }
      }
      cluster.drained();
      coordinator.endsWith(0, PATIENCE);
      cluster.verify("--deep").endsWith(0, PATIENCE);
      try (ZipFile zip = new ZipFile(cluster.base().resolve("many.zip").toFile())) {
        assertThat(zip.size()).isEqualTo(STREAMS);
        for (int i = 0; i < STREAMS; i += 97) {
          try (InputStream in = zip.getInputStream(zip.getEntry("log" + i))) {
            StringBuilder wanted = new StringBuilder();
            for (int round = 0; round < 5; round++) {
              wanted.append("log ").append(i).append(" round ").append(round).append('\n');
            }
            assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII))
                .isEqualTo(wanted.toString());
          }
        }
      }
    }
  }

  private static String chunk(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  private static void send(SocketChannel to, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  /** Of the final answer, after any number of others. */
  private static String lastStatus(SocketChannel from) throws IOException {
    StringBuilder read = new StringBuilder();
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    while (!read.toString().matches("(?s).*HTTP/1.1 [2-5][0-9][0-9] .*\r\n\r\n.*")) {
      if (from.read(buffer.clear()) < 0) {
        return "closed after " + read;
      }
      read.append(StandardCharsets.US_ASCII.decode(buffer.flip()));
    }
    int at = read.lastIndexOf("HTTP/1.1 ");
    return read.substring(at + 9, at + 12);
  }

  /** The most that was ever resident. */
  private static long resident(Running process) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("no VmHWM");
  }

  @Test
  void aFullDiskEndsALogAndKeepsWhatItHad() throws Exception {
    Tools.need("mount", "umount");
    Tools.needRoot();
    Path base = Files.createDirectory(directory.resolve("base"));
    run("mount", "-t", "tmpfs", "-o", "size=12m", "sheaf-test", base.toString());
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      Running worker = cluster.worker(0);
      long safe;
      List<DepositException.Kind> failures = new ArrayList<>();
      try (SocketDepositor to = connect(cluster.socket(0))) {
        AppendStream log = to.append("full.zip/log", AppendOptions.DEFAULT);
        try {
          for (long n = 0; n < 1_000_000; n++) {
            byte[] line = line("log", n);
            log.write(line, 0, line.length);
          }
          log.close();
        } catch (DepositException e) {
          failures.add(e.kind());
        }
        safe = log.safe();
      }
      assertThat(failures).containsExactly(DepositException.Kind.NO_SPACE);
      assertThat(safe).isPositive();
      assertThat(worker.isAlive()).isTrue();

      run("mount", "-o", "remount,size=200m", base.toString());
      Running coordinator = cluster.coordinator();
      cluster.drained();
      coordinator.endsWith(0, PATIENCE);
      cluster.verify("--deep").endsWith(0, PATIENCE);
      try (ZipFile zip = new ZipFile(base.resolve("full.zip").toFile());
          InputStream in = zip.getInputStream(zip.getEntry("log"))) {
        byte[] found = in.readAllBytes();
        assertThat((long) found.length).isGreaterThanOrEqualTo(safe);
        assertThat(Arrays.equals(found, text("log", found.length))).isTrue();
      }
    } finally {
      eventually("the base can be unmounted", PATIENCE, () -> unmounted(base));
    }
  }

  @Test
  void theCommandEndsInOrderWhenItIsTold() throws Exception {
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      Running coordinator = cluster.coordinator();
      cluster.worker(0);
      String append =
          Path.of(System.getProperty("java.home"), "bin", "java")
              + " -jar "
              + System.getProperty("sheaf.jar")
              + " append --socket "
              + cluster.socket(0);
      try (Running waiting =
          Running.command(
              directory,
              "append",
              Map.of(),
              List.of(
                  "sh",
                  "-c",
                  "mkfifo in; exec 3<>in; echo first >&3; exec "
                      + append
                      + " a.zip/cut.txt <&3"))) {
        eventually("it is appended", PATIENCE, () -> status(cluster).contains("\"streams\":1"));
        eventually("it is written", PATIENCE, () -> status(cluster).contains("\"logs\":1"));
        waiting.terminate();
        waiting.endsWith(0, PATIENCE);
        assertThat(waiting.out()).contains("in 1 entry");
      }
      run("sh", "-c", "(echo one; echo two) | " + append + " a.zip/whole.txt");
      cluster.drained();
      coordinator.endsWith(0, PATIENCE);
      try (ZipFile zip = new ZipFile(cluster.base().resolve("a.zip").toFile())) {
        assertThat(
                new String(
                    zip.getInputStream(zip.getEntry("whole.txt")).readAllBytes(),
                    StandardCharsets.US_ASCII))
            .isEqualTo("one\ntwo\n");
        assertThat(
                new String(
                    zip.getInputStream(zip.getEntry("cut.txt")).readAllBytes(),
                    StandardCharsets.US_ASCII))
            .isEqualTo("first\n");
      }
    }
  }

  private static String status(Cluster cluster) throws IOException {
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(cluster.socket(0)))) {
      send(channel, "GET /_status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      StringBuilder read = new StringBuilder();
      ByteBuffer buffer = ByteBuffer.allocate(4096);
      while (channel.read(buffer.clear()) >= 0) {
        read.append(StandardCharsets.UTF_8.decode(buffer.flip()));
      }
      return read.toString();
    }
  }

  private String run(String... command) throws Exception {
    try (Running running = Running.command(directory, "tool", Map.of(), List.of(command))) {
      return running.endsWith(0, PATIENCE).out();
    }
  }

  private boolean unmounted(Path base) throws Exception {
    try (Running umount =
        Running.command(directory, "umount", Map.of(), List.of("umount", base.toString()))) {
      return umount.await(PATIENCE) == 0;
    }
  }
}
