package io.sheaf.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sheaf adopt}: zips that Python writes as rear does, and a queue of Filespooler. */
@Tag("cluster")
class AdoptIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Writes zips as rear's workers do, each entry with writestr; all but the last are closed. */
  private static final String REAR =
      """
      import os, sys, zipfile
      os.makedirs('out/inbox')
      for z in range(6):
          zf = zipfile.ZipFile(f'out/inbox/n{z}-231114_22132{z}.zip', 'w')
          for i in range(50):
              zf.writestr(f'ar{i % 3}.zip/job{z}/task{i}', f'{z} {i} '.encode() * 40)
          zf.writestr('ar0.zip/same', str(z))
          zf.writestr('ar0.zip/na\\u00efve%d' % z, 'x')
          if z < 5:
              zf.close()
          else:
              zf.fp.flush()
              os._exit(0)
      """;

  @TempDir Path directory;

  @Test
  void twoAtOnceTakeRearsInboxOnce() throws Exception {
    Tools.need("python3", "flock");
    rear();
    try (Running one = sheaf("one", "adopt", "-d", "out", "--flush");
        Running other = sheaf("other", "adopt", "-d", "out", "--flush")) {
      int status = Math.max(one.await(PATIENCE), other.await(PATIENCE));
      assertThat(status).as(one.out() + one.err() + other.out() + other.err()).isLessThan(4);
    }
    run(0, "adopt", "-d", "out", "--flush");
    assertMerged();
    assertThat(directory.resolve("out/inbox/rear.lock")).exists();
    run(0, "verify", "-r", "out", "--deep");
  }

  @Test
  void theCoordinatorsOfASessionMergeWhatIsTakenIn() throws Exception {
    Tools.need("python3", "flock");
    rear();
    String adopt =
        String.join(" ", java()) + " adopt -d " + directory.resolve("out") + " --flush >adopted";
    run(0, "local", "--base", "out", "--", "sh", "-c", adopt);
    assertThat(Files.readString(directory.resolve("adopted"))).contains("taken: 6 zips");
    // The session's policy holds: another entry of a name gets a number.
    assertThat(entries("ar0.zip")).containsKeys("same", "same~2", "same~6");
    assertThat(entries("ar1.zip")).hasSize(6 * 17);
    run(0, "verify", "-r", "out", "--deep");
  }

  @Test
  void itLooksAgainUntilItIsTold() throws Exception {
    Tools.need("python3", "flock");
    rear();
    try (Running adopt = sheaf("daemon", "adopt", "-d", "out", "--flush", "--interval", "200ms")) {
      Eventually.eventually(
          "all is merged", PATIENCE, () -> adopt.out().contains(" entries merged"));
      Path late = directory.resolve("late.zip");
      Process python =
          new ProcessBuilder(
                  "python3",
                  "-c",
                  "import zipfile; zipfile.ZipFile('" + late + "','w').writestr('ar3.zip/l','l')")
              .inheritIO()
              .start();
      assertThat(python.waitFor()).isZero();
      Files.move(late, directory.resolve("out/inbox/n-231114_230000.zip"));
      Eventually.eventually(
          "it is merged too", PATIENCE, () -> Files.exists(directory.resolve("out/ar3.zip")));
      adopt.terminate();
      adopt.endsWith(0, PATIENCE);
    }
    assertMerged();
  }

  private void assertMerged() throws IOException {
    SortedMap<String, String> found = entries("ar0.zip");
    assertThat(found).hasSize(6 * 17 + 1 + 6).containsEntry("same", "0").containsKey("na\u00efve5");
    assertThat(found.get("job3/task30")).isEqualTo("3 30 ".repeat(40));
    assertThat(entries("ar1.zip")).hasSize(6 * 17);
    assertThat(entries("ar2.zip")).hasSize(6 * 16);
  }

  private void rear() throws Exception {
    Files.writeString(directory.resolve("rear.py"), REAR);
    try (Running python =
        Running.command(directory, "python", Map.of(), List.of("python3", "rear.py"))) {
      python.endsWith(0, PATIENCE);
    }
  }

  @Test
  void aQueueOfTwoSendersIsMergedInTheOrderOfTheirTimesOnce() throws Exception {
    Tools.need("fspl");
    fspl("init", "fspl queue-init -q queue");
    // Both number their packets 1, 2, 3; times alternate.
    for (int n = 1; n <= 3; n++) {
      for (int sender = 1; sender <= 2; sender++) {
        packet(sender, n);
      }
    }
    write("2-3", "1-2", "2-1", "1-2");
    process();
    write("1-3", "2-2", "1-1", "2-3");
    process();
    assertThat(jobs()).isZero();
    assertThat(directory.resolve("out/a.zip")).doesNotExist();
    run(0, "adopt", "-r", "out");
    assertThat(entries("a.zip"))
        .isEqualTo(
            Map.of(
                "x", "1-1", "x~2", "2-1", "x~3", "1-2", "x~4", "2-2", "x~5", "1-3", "x~6", "2-3"));
    write("1-1");
    process();
    run(0, "adopt", "-r", "out");
    assertThat(entries("a.zip")).hasSize(6);
    run(0, "verify", "-r", "out", "--deep");
  }

  @Test
  void aTornPacketStaysInTheQueue() throws Exception {
    Tools.need("fspl");
    Files.createDirectory(directory.resolve("out"));
    fspl("init", "fspl queue-init -q queue");
    Files.write(directory.resolve("torn"), new byte[100]);
    fspl("prepare", "fspl prepare -s s -i - <torn | fspl queue-write -q queue");
    try (Running process = Running.command(directory, "process", Map.of(), processing())) {
      assertThat(process.await(PATIENCE)).isNotZero();
      assertThat(process.err()).contains("standard input is refused", "send it again");
    }
    assertThat(jobs()).isEqualTo(1);
  }

  private long jobs() throws IOException {
    try (Stream<Path> jobs = Files.list(directory.resolve("queue/jobs"))) {
      return jobs.count();
    }
  }

  /** A batch of a sender's, as a packet of Filespooler. */
  private void packet(int sender, int n) throws Exception {
    SystemDisk disk = new SystemDisk();
    BaseDirectory base = BaseDirectory.create(disk, directory.resolve("sender" + sender));
    BatchWriter.Origin origin =
        new BatchWriter.Origin("s", "node" + sender + "-1-aaaaaa", "a.zip", n);
    Clock clock =
        Clock.fixed(Instant.ofEpochSecond(1_700_000_000 + 2L * n + sender), ZoneOffset.UTC);
    BatchWriter batch = BatchWriter.open(disk, base, origin, Compression.STORED, false, clock);
    ByteBuffer contents = ByteBuffer.wrap((sender + "-" + n).getBytes(UTF_8));
    batch.append(List.of(PreparedEntry.of("x", 0, contents, Compression.STORED)));
    Path file = base.root().resolve(batch.seal().path());
    fspl(
        "prepare",
        "fspl prepare -s seq%d -i - <%s >packet-%d-%d".formatted(sender, file, sender, n));
  }

  private void write(String... packets) throws Exception {
    Files.createDirectories(directory.resolve("out"));
    for (String packet : packets) {
      fspl("write", "fspl queue-write -q queue <packet-" + packet);
    }
  }

  private void process() throws Exception {
    try (Running process = Running.command(directory, "process", Map.of(), processing())) {
      process.endsWith(0, PATIENCE);
    }
  }

  private static List<String> processing() {
    List<String> command =
        new ArrayList<>(List.of("fspl", "queue-process", "-q", "queue", "--order-by=Timestamp"));
    command.add(java().get(0));
    command.add("--");
    command.addAll(java().subList(1, java().size()));
    command.addAll(List.of("adopt", "-r", "out", "-"));
    return command;
  }

  private static List<String> java() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-jar",
        System.getProperty("sheaf.jar"));
  }

  private void fspl(String name, String command) throws Exception {
    try (Running shell = Running.command(directory, name, Map.of(), List.of("sh", "-c", command))) {
      shell.endsWith(0, PATIENCE);
    }
  }

  private Running sheaf(String name, String... arguments) throws IOException {
    return Running.sheaf(directory, name, arguments);
  }

  private void run(int status, String... arguments) throws Exception {
    try (Running sheaf = sheaf(arguments[0], arguments)) {
      sheaf.endsWith(status, PATIENCE);
    }
  }

  private SortedMap<String, String> entries(String archive) throws IOException {
    SortedMap<String, String> found = new TreeMap<>();
    try (ZipFile file = new ZipFile(directory.resolve("out").resolve(archive).toFile())) {
      for (ZipEntry entry : Collections.list(file.entries())) {
        try (InputStream in = file.getInputStream(entry)) {
          found.put(entry.getName(), new String(in.readAllBytes(), UTF_8));
        }
      }
    }
    return found;
  }
}
