package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.AppendOptions;
import io.sheaf.deposit.AppendStream;
import io.sheaf.deposit.SegmentRule;
import io.sheaf.deposit.SocketDepositor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code exec}, {@code append} and {@code pickup} as processes, beside a worker that may die. */
@Tag("cluster")
class ShellDoorsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int DIGITS = 9;
  private static final int KILLS = Integer.getInteger("sheaf.doors.kills", 3);

  @TempDir Path directory;
  private Cluster cluster;
  private Running coordinator;
  private Running worker;
  private int commands;

  @BeforeEach
  void start() throws Exception {
    cluster = new Cluster(directory);
    cluster.zookeeper();
    coordinator = cluster.coordinator("--rotate-interval", "1s", "--salvage-grace", "1s");
    worker = cluster.worker(0, "--rotate-interval", "1s");
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private Running sheaf(Map<String, String> environment, String... arguments) throws IOException {
    Map<String, String> all = new HashMap<>(environment);
    all.putIfAbsent("SHEAF_SOCKET", cluster.socket(0).toString());
    String name = arguments[0] + commands++;
    return cluster.keep(Running.sheaf(directory, name, all, List.of(), List.of(arguments)));
  }

  private Running sheaf(String... arguments) throws IOException {
    return sheaf(Map.of(), arguments);
  }

  private Path file(String name, String contents) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, contents);
  }

  /** Ends the session, in order; the contents of an archive. */
  private Map<String, String> archive(String name) throws Exception {
    cluster.drained();
    coordinator.endsWith(0, PATIENCE);
    return read(name);
  }

  private Map<String, String> read(String name) throws IOException {
    Map<String, String> all = new TreeMap<>();
    Path file = cluster.base().resolve(name);
    if (!Files.exists(file)) {
      return all;
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        try (InputStream in = zip.getInputStream(entry)) {
          String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
          assertThat(all.put(entry.getName(), text)).as(entry.getName()).isNull();
        }
      }
    }
    return all;
  }

  @Test
  void outputBecomesEntriesAndTheStatusIsTheCommands() throws Exception {
    Map<String, String> slurm = Map.of("SLURM_JOB_ID", "42", "SLURM_PROCID", "3");
    String script = "echo one; echo two >&2; echo three; exit 7";
    sheaf("exec", "--stdout", "a.zip/log", "--stderr", "a.zip/log", "--", "sh", "-c", script)
        .endsWith(7, PATIENCE);
    Running tee =
        sheaf(
            slurm,
            "exec",
            "--stdout",
            "a.zip/%j/%t.out",
            "--stderr",
            "a.zip/%j/%t.err",
            "--tee",
            "--",
            "sh",
            "-c",
            script);
    tee.endsWith(7, PATIENCE);
    assertThat(tee.out()).isEqualTo("one\nthree\n");
    assertThat(tee.err()).isEqualTo("two\n");
    Running plain = sheaf("exec", "--stderr", "a.zip/err", "--", "sh", "-c", script);
    plain.endsWith(7, PATIENCE);
    assertThat(plain.out()).isEqualTo("one\nthree\n");
    sheaf("exec", "--stdout", "a.zip/silent", "--", "true").endsWith(0, PATIENCE);
    sheaf("exec", "--stdout", "a.zip/none", "--", "no-such-command").endsWith(127, PATIENCE);
    sheaf("exec", "--stdout", "a.zip/none", "--", directory.toString()).endsWith(126, PATIENCE);
    assertThat(sheaf("exec", "--stdout", "a/none", "--", "true").endsWith(2, PATIENCE).err())
        .contains("--stdout a/none")
        .hasLineCount(1);
    assertThat(archive("a.zip"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "log", "one\ntwo\nthree\n",
                "42/3.out", "one\nthree\n",
                "42/3.err", "two\n",
                "err", "two\n"));
  }

  @Test
  void signalsReachTheCommand() throws Exception {
    String script =
        "for s in HUP USR1 USR2 INT; do trap \"echo got $s\" $s; done;"
            + " trap 'echo got TERM; exit 9' TERM; echo ready;"
            + " while :; do sleep 0.05; done";
    Running traps = sheaf("exec", "--stdout", "a.zip/log", "--tee", "--", "sh", "-c", script);
    traps.prints("ready", PATIENCE);
    String got = "ready\n";
    for (String signal :
        notIgnored(Map.of("HUP", 1, "USR1", 10, "USR2", 12, "INT", 2, "TERM", 15))) {
      kill(signal, traps.pid());
      traps.prints("got " + signal, PATIENCE);
      got += "got " + signal + "\n";
    }
    traps.endsWith(9, PATIENCE);

    Running dies =
        sheaf(
            "exec", "--stdout", "a.zip/dies", "--tee", "--", "sh", "-c", "echo x; exec sleep 1000");
    dies.prints("x", PATIENCE);
    kill("USR1", dies.pid());
    dies.endsWith(128 + 10, PATIENCE);

    // Stopped by a trap: without a shell above it SIGTSTP itself would do nothing.
    String stopping = "trap 'kill -s STOP $$' TSTP; echo x; while :; do sleep 0.05; done";
    Running stops = sheaf("exec", "--stdout", "a.zip/stops", "--tee", "--", "sh", "-c", stopping);
    stops.prints("x", PATIENCE);
    kill("TSTP", stops.pid());
    eventually(
        "both stand still",
        PATIENCE,
        () -> state(stops.pid()) == 'T' && childIs(stops, stopping, 'T'));
    kill("CONT", stops.pid());
    eventually(
        "both go on", PATIENCE, () -> state(stops.pid()) != 'T' && childIs(stops, stopping, 'S'));
    kill("TERM", stops.pid());
    stops.endsWith(128 + 15, PATIENCE);
    assertThat(archive("a.zip")).containsEntry("log", got);
  }

  /**
   * Those of some signals that this process, and so all that it starts, does not ignore; SIGTERM
   * last. What nohup(1), or a shell in the background, has told to ignore a signal, ignores it.
   */
  private static List<String> notIgnored(Map<String, Integer> numbers) throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(each -> each.startsWith("SigIgn:"))
            .findFirst()
            .orElseThrow();
    long ignored = Long.parseUnsignedLong(line.substring(7).strip(), 16);
    return numbers.entrySet().stream()
        .filter(each -> (ignored >>> (each.getValue() - 1) & 1) == 0)
        .sorted(Comparator.comparing(each -> each.getKey().equals("TERM")))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static void kill(String signal, long pid) throws Exception {
    assertThat(new ProcessBuilder("sh", "-c", "kill -s " + signal + " " + pid).start().waitFor())
        .isZero();
  }

  private static char state(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return stat.charAt(stat.lastIndexOf(')') + 2);
  }

  /** Of the command, not of what passes signals on. */
  private static boolean childIs(Running of, String script, char state) throws IOException {
    for (ProcessHandle child : ProcessHandle.of(of.pid()).orElseThrow().children().toList()) {
      if (List.of(child.info().arguments().orElse(new String[0])).contains(script)) {
        return state(child.pid()) == state;
      }
    }
    return false;
  }

  @Test
  void successOnlyMakesEntriesOfNothingElse() throws Exception {
    file("out/a", "a");
    String[] options = {
      "exec",
      "--success-only",
      "--stdout",
      "a.zip/out",
      "--stderr",
      "a.zip/err",
      "--collect",
      "out/**",
      "--",
      "sh",
      "-c"
    };
    Running fails = sheaf(with(options, "echo held; echo back >&2; exit 3"));
    fails.endsWith(3, PATIENCE);
    assertThat(fails.out()).isEqualTo("held\n");
    assertThat(fails.err()).isEqualTo("back\n");
    assertThat(directory.resolve("out/a")).exists();
    Running succeeds = sheaf(with(options, "head -c 20000000 /dev/zero; echo end; echo e >&2"));
    succeeds.endsWith(0, PATIENCE);
    assertThat(succeeds.out()).isEmpty();
    assertThat(directory.resolve("out/a")).doesNotExist();
    Map<String, String> entries = archive("a.zip");
    assertThat(entries).containsOnlyKeys("out", "err", "out/a").containsEntry("err", "e\n");
    assertThat(entries.get("out")).hasSize(20_000_004).endsWith("\0end\n");
  }

  private static String[] with(String[] options, String last) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add(last);
    return all.toArray(String[]::new);
  }

  @Test
  void filesThatAreLeftArePickedUp() throws Exception {
    file("out/d/e/deep.dat", "deep");
    file("out/.hidden", "hidden");
    file("top.csv", "csv");
    file("kept.txt", "txt");
    file("elsewhere", "x");
    Files.createSymbolicLink(directory.resolve("out/link"), Path.of("../elsewhere"));
    Files.createSymbolicLink(directory.resolve("through"), Path.of("out"));
    Running collects =
        sheaf(
            "exec",
            "--collect",
            "out/**",
            "--collect",
            "*.csv",
            "--collect",
            "out/d/**",
            "--collect",
            "through/**",
            "--into",
            "a.zip/run",
            "--",
            "sh",
            "-c",
            "echo made > out/made; ln kept.txt out/second-name");
    collects.endsWith(74, PATIENCE);
    assertThat(collects.err())
        .contains("no file matches through/**", "out/second-name", "hard links")
        .doesNotContain("deep.dat");
    assertThat(directory.resolve("out/d/e")).isEmptyDirectory();
    assertThat(directory.resolve("out/made")).doesNotExist();
    assertThat(directory.resolve("out/link")).isSymbolicLink();
    assertThat(directory.resolve("out/second-name")).exists();
    sheaf("exec", "--keep", "--collect", "elsewhere", "--into", "a.zip/", "--", "true")
        .endsWith(0, PATIENCE);
    assertThat(directory.resolve("elsewhere")).exists();

    file("p/1", "one");
    file("p/q/2.dat", "two");
    file("p/q/3.txt", "three");
    file("big", "b".repeat(3_000_000));
    sheaf("pickup", "p/1", "big", "a.zip/p/").endsWith(0, PATIENCE);
    sheaf("pickup", "-R", "p", "--only", "**/*.dat", "a.zip/").endsWith(0, PATIENCE);
    assertThat(directory.resolve("p/q/3.txt")).exists();
    Running refused =
        sheaf("pickup", "through/made", "p/q/3.txt", "missing", "out/link", "a.zip/r/");
    refused.endsWith(1, PATIENCE);
    assertThat(refused.err().lines()).hasSize(3);
    assertThat(refused.err()).contains("missing: no such file", "out/link");
    assertThat(directory.resolve("p/q/3.txt")).doesNotExist();
    assertThat(directory.resolve("p/1")).doesNotExist();
    assertThat(directory.resolve("big")).doesNotExist();
    Map<String, String> entries = archive("a.zip");
    assertThat(entries)
        .containsOnlyKeys(
            "run/out/d/e/deep.dat",
            "run/out/.hidden",
            "run/top.csv",
            "run/out/made",
            "elsewhere",
            "p/1",
            "p/big",
            "p/q/2.dat",
            "r/3.txt")
        .containsEntry("run/out/made", "made\n")
        .containsEntry("r/3.txt", "three");
    assertThat(entries.get("p/big")).hasSize(3_000_000);
  }

  @Test
  void aProcessThatIsLeftBehindHoldsUpNothing() throws Exception {
    Running leaves =
        sheaf(
            "exec",
            "--stdout",
            "a.zip/log",
            "--grace",
            "1s",
            "--",
            "sh",
            "-c",
            "(trap '' HUP; echo first; sleep 1000) & echo second");
    leaves.endsWith(0, PATIENCE);
    assertThat(leaves.err()).contains("a process that the command left").hasLineCount(1);
    Running waits =
        sheaf(
            "exec",
            "--stdout",
            "a.zip/late",
            "--grace",
            "1h",
            "--",
            "sh",
            "-c",
            "(sleep 1; echo late) & echo early");
    waits.endsWith(0, PATIENCE);
    Running killed =
        sheaf("exec", "--stdout", "a.zip/cut", "--tee", "--", "sh", "-c", "echo sent; sleep 1000");
    killed.prints("sent", PATIENCE);
    eventually("it is sent", PATIENCE, () -> status().contains("\"streams\":1"));
    killed.kill();
    Map<String, String> entries = archive("a.zip");
    assertThat(entries)
        .containsEntry("late", "early\nlate\n")
        .containsEntry("cut", "sent\n")
        .hasEntrySatisfying("log", text -> assertThat(text).contains("first\n", "second\n"));
  }

  private String status() throws Exception {
    try (Running curl =
        Running.command(
            directory,
            "status" + commands++,
            Map.of(),
            List.of(
                "curl",
                "-sS",
                "--unix-socket",
                cluster.socket(0).toString(),
                "http://localhost/_status"))) {
      return curl.endsWith(0, PATIENCE).out();
    }
  }

  @Test
  void withoutAWorkerTheCommandRunsAndItsOutputIsKept() throws Exception {
    worker.terminate();
    worker.endsWith(0, PATIENCE);
    file("left", "left");
    Running without =
        sheaf(
            "exec",
            "--stdout",
            "a.zip/log",
            "--collect",
            "left",
            "--resend-time",
            "1s",
            "--",
            "sh",
            "-c",
            "echo done > result; echo kept");
    without.endsWith(74, PATIENCE);
    assertThat(directory.resolve("result")).exists();
    assertThat(directory.resolve("left")).exists();
    Path rescued = directory.resolve("sheaf-exec-" + without.pid() + "-stdout.log");
    assertThat(rescued).hasContent("kept\n");
    assertThat(without.err()).contains("no worker serves", rescued.toString());

    Running waits =
        sheaf(
            "exec",
            "--stdout",
            "a.zip/late",
            "--tee",
            "--",
            "sh",
            "-c",
            "echo early; until [ -e go ]; do sleep 0.05; done; echo late");
    waits.prints("early", PATIENCE);
    worker = cluster.worker(0, "--rotate-interval", "1s");
    file("go", "");
    waits.endsWith(0, PATIENCE);
    assertThat(archive("a.zip")).containsExactlyEntriesOf(Map.of("late", "early\nlate\n"));
  }

  /** Every line is there; twice at most those that the worker had and had not told of. */
  @Test
  void logsGoOnWhenTheWorkerIsKilled() throws Exception {
    long seed = Long.getLong("sheaf.seed", System.nanoTime());
    System.out.println("seed of the kills: " + seed);
    Random random = new Random(seed);
    String lines =
        "i=0; while [ ! -e stop ]; do i=$((i+1)); printf '%09d\\n' $i;"
            + " [ $((i%100)) != 0 ] || sleep 0.01;"
            + " done; echo $i > last-";
    Running exec =
        sheaf(
            "exec",
            "--stdout",
            "a.zip/exec.log",
            "--tee",
            "--segment",
            "20K",
            "--",
            "sh",
            "-c",
            lines + "exec");
    String append =
        String.join(
            " ",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-jar",
            System.getProperty("sheaf.jar"),
            "append --segment 1s a.zip/append.log");
    Running appends =
        cluster.keep(
            Running.command(
                directory,
                "append",
                Map.of("SHEAF_SOCKET", cluster.socket(0).toString()),
                List.of("sh", "-c", "(" + lines + "append) | " + append)));
    try (Appender own = new Appender(cluster.socket(0))) {
      for (int i = 0; i < KILLS; i++) {
        long more = fed() + 20_000 + random.nextInt(100_000);
        own.append(1_000 + random.nextInt(30_000));
        eventually("lines are printed", PATIENCE, () -> fed() >= more);
        own.append(random.nextInt(3_000));
        worker.kill();
        own.append(50);
        own.noteKill();
        worker = cluster.worker(0, "--rotate-interval", "1s");
      }
      own.append(1_000);
      file("stop", "");
      own.end();
      exec.endsWith(0, PATIENCE);
      appends.endsWith(0, PATIENCE);
      // What a worker was writing when it was killed is torn, and drain then says 3.
      assertThat(cluster.drain().await(PATIENCE)).isIn(0, 3);
      assertThat(coordinator.await(PATIENCE)).isIn(0, 3);
      Map<String, String> entries = read("a.zip");
      allThere(entries, "exec", last("exec"));
      allThere(entries, "append", last("append"));
      own.check(entries);
    }
  }

  /** How much the command under exec has printed, which does not wait for a worker. */
  private long fed() throws IOException {
    return Files.size(directory.resolve("exec0.out"));
  }

  private int last(String name) throws IOException {
    return Integer.parseInt(Files.readString(directory.resolve("last-" + name)).strip());
  }

  private static Map<Integer, Integer> count(Map<String, String> entries, String log) {
    Map<Integer, Integer> seen = new TreeMap<>();
    entries.forEach(
        (name, text) -> {
          if (name.startsWith(log + ".")) {
            // Where a worker was killed an entry may end within a line; the next has it whole.
            text.lines()
                .filter(line -> line.length() == DIGITS)
                .forEach(line -> seen.merge(Integer.parseInt(line), 1, Integer::sum));
          }
        });
    return seen;
  }

  private static void allThere(Map<String, String> entries, String log, int last) {
    Map<Integer, Integer> seen = count(entries, log);
    List<Integer> missing = new ArrayList<>();
    int twice = 0;
    for (int i = 1; i <= last; i++) {
      int copies = seen.getOrDefault(i, 0);
      if (copies == 0) {
        missing.add(i);
      }
      twice += copies > 1 ? 1 : 0;
    }
    System.out.println(log + ": " + last + " lines, " + twice + " of them more than once");
    assertThat(missing).as("%s: lines that are not there, of %d", log, last).isEmpty();
  }

  /** A program with a log of its own, which knows what was told to be safe at each kill. */
  private static final class Appender implements AutoCloseable {
    private final SocketDepositor depositor;
    private final AppendStream log;
    private int written;
    private final List<Kill> kills = new ArrayList<>();

    /** How many lines were known to be safe, and how many were written. */
    private record Kill(long safe, int written) {}

    Appender(Path socket) throws IOException {
      Map<String, String> options =
          Map.of(Keys.SOCKET.name(), "" + socket, Keys.RESEND_TIME.name(), "2m");
      depositor = SocketDepositor.connect(Settings.builder().options(options).build());
      log =
          depositor.append(
              "a.zip/own.log", AppendOptions.DEFAULT.withRule(SegmentRule.parse("100K")));
    }

    void append(int lines) throws IOException {
      for (int i = 0; i < lines; i++) {
        written++;
        log.write(String.format("%09d\n", written).getBytes(StandardCharsets.US_ASCII));
        if (i % 10 == 0) {
          log.flush();
        }
      }
    }

    /** To be called while no worker runs. */
    void noteKill() {
      kills.add(new Kill(log.safe() / (DIGITS + 1), written));
    }

    void end() throws IOException {
      log.close();
    }

    /** Only what was written and not known to be safe at a kill may be there more than once. */
    void check(Map<String, String> entries) {
      allThere(entries, "own", written);
      Map<Integer, Integer> seen = count(entries, "own");
      System.out.println("own: " + kills);
      for (int i = 1; i <= written; i++) {
        int line = i;
        if (kills.stream().noneMatch(k -> k.safe() < line && line <= k.written())) {
          assertThat(seen).as("line %d was safe at %s", i, kills).containsEntry(i, 1);
        }
      }
    }

    @Override
    public void close() {
      depositor.close();
    }
  }
}
