package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * The example's job scripts, {@code conf/examples/slurm.sh} above all, in a real Slurm of four
 * nodes.
 */
@Tag("cluster")
class SlurmIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int TASKS = 8;

  @TempDir static Path directory;
  private static Slurm slurm;

  private Path place;
  private Path base;

  @BeforeAll
  static void startSlurm() throws Exception {
    slurm = new Slurm(directory);
  }

  @AfterAll
  static void stopSlurm() throws Exception {
    if (slurm != null) {
      slurm.close();
    }
  }

  @BeforeEach
  void makePlace(TestInfo test) throws IOException {
    place =
        Files.createDirectories(directory.resolve(test.getTestMethod().orElseThrow().getName()));
    base = place.resolve("base");
  }

  /** Eight tasks on four nodes; what they were answered for is noted in files of their own. */
  private static List<String> program(Path place, int files, String... further) {
    String writers =
        "python3 %s --processes 1 --archives 5 --size 300 --files %d --acks %s/acks-$SLURM_PROCID"
                .formatted(Tools.script("writers.py"), files, place)
            + " --prefix task$SLURM_PROCID "
            + String.join(" ", further);
    return List.of("sh", "-c", writers);
  }

  private Acknowledgements acks() {
    return new Acknowledgements(place);
  }

  private void nothingIsLeft() throws IOException {
    assertThat(base.resolve(".sheaf/open")).doesNotExist();
    assertThat(FilesBelow.of(base.resolve(".sheaf/inbox"))).isEmpty();
  }

  @Test
  void aJobOverFourNodesLeavesItsFilesInTheArchives() throws Exception {
    Path out = place.resolve("job.out");
    String job = slurm.submit(base, out, List.of(), program(place, 2500));
    String over = slurm.await(job, PATIENCE);
    assertThat(over).as(Files.readString(out)).contains("JobState=COMPLETED");
    assertThat(Files.readString(out)).contains("20,000 files");
    assertThat(acks().count()).isEqualTo(20_000);
    acks().areThereOnce(base);
    nothingIsLeft();
  }

  /** The example for programs that know nothing of Sheaf, {@code conf/examples/slurm-exec.sh}. */
  @Test
  void eachTaskUnderExecHasEntriesOfItsOwn() throws Exception {
    Path out = place.resolve("job.out");
    Path script = Slurm.EXAMPLE.resolveSibling("slurm-exec.sh");
    String program =
        "echo out of $SLURM_PROCID; echo err of $SLURM_PROCID >&2; mkdir d; echo $1 > d/result";
    List<String> command = List.of("sh", "-c", program, "sh", "two words");
    String job = slurm.submit(script, base, out, List.of(), command);
    String over = slurm.await(job, PATIENCE);
    assertThat(over).as(Files.readString(out)).contains("JobState=COMPLETED");
    Set<String> logs = new TreeSet<>();
    Set<String> results = new TreeSet<>();
    for (int task = 0; task < TASKS; task++) {
      logs.add(job + "/" + task + ".out: out of " + task);
      logs.add(job + "/" + task + ".err: err of " + task);
      results.add(job + "/" + task + "/d/result: two words");
    }
    assertThat(entries("logs.zip")).isEqualTo(logs);
    assertThat(entries("results.zip")).isEqualTo(results);
    nothingIsLeft();
  }

  private Set<String> entries(String archive) throws IOException {
    Set<String> all = new TreeSet<>();
    try (ZipFile zip = new ZipFile(base.resolve(archive).toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        try (InputStream in = zip.getInputStream(entry)) {
          String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
          all.add(entry.getName() + ": " + text.strip());
        }
      }
    }
    return all;
  }

  @Test
  void aJobThatIsKilledIsCleanedUpInOneCommand() throws Exception {
    Path out = place.resolve("job.out");
    String job = slurm.submit(base, out, List.of(), program(place, 1_000_000));
    eventually(
        "deposits by all tasks",
        PATIENCE,
        () -> acks().count() > 4000 && acks().files().size() == TASKS);
    // Slurm may end the job as soon as its script is dead, and have SIGTERM drain what still lives:
    // so SIGKILL reaches all members first.
    killMembers();
    slurm.run(".scancel", PATIENCE, "scancel", "--signal=KILL", "--full", job);
    slurm.await(job, PATIENCE);

    String session = "job" + job;
    try (Running status = slurm.sheaf("session", "status", session, "-r", base.toString())) {
      assertThat(status.endsWith(75, PATIENCE).err()).contains("session clean " + session);
    }
    try (Running clean = slurm.sheaf("session", "clean", session, "-r", base.toString())) {
      // What tore in the kill was acknowledged to nobody; its bytes are in quarantine.
      assertThat(clean.await(PATIENCE)).as(clean.err()).isIn(0, 3);
      assertThat(clean.out()).contains("session " + session + ": closed");
    }
    System.out.println("acknowledged before the kill: " + acks().count());
    acks().areThereOnce(base);
    nothingIsLeft();
  }

  /** On this machine, whatever node they are of: all that name the base directory. */
  private void killMembers() {
    members().forEach(ProcessHandle::destroyForcibly);
  }

  private Stream<ProcessHandle> members() {
    return ProcessHandle.allProcesses().filter(p -> arguments(p).contains("" + base));
  }

  private static List<String> arguments(ProcessHandle process) {
    return List.of(process.info().arguments().orElse(new String[0]));
  }

  /**
   * As a job is that was preempted. Its first run is killed with all its members, so nothing is
   * drained; the second one gets SIGTERM, which drains; the third one is left alone.
   */
  @Test
  void aJobThatIsRequeuedFinishesWhatItsEarlierRunsLeft() throws Exception {
    Path out = place.resolve("job.out");
    String writers =
        "run=${SLURM_RESTART_COUNT:-0}; [ $run -lt 2 ] && files=1000000 || files=200; python3 %s"
            + " --processes 1 --archives 5 --size 300 --files $files"
            + " --prefix task$SLURM_PROCID-run$run --acks %s/acks-$run-$SLURM_PROCID";
    List<String> program =
        List.of("sh", "-c", writers.formatted(Tools.script("writers.py"), place));
    String job = slurm.submit(base, out, List.of("--requeue", "--open-mode=append"), program);
    awaitDeposits(1);
    killMembers();
    slurm.requeue(job, PATIENCE);
    awaitDeposits(2);
    slurm.requeue(job, PATIENCE);
    String over = slurm.await(job, PATIENCE);

    String said = Files.readString(out);
    assertThat(over).as(said).contains("JobState=COMPLETED", "Restarts=2");
    assertThat(said).contains("session job" + job + " was left unfinished: going on with it");
    assertThat(acks().files()).hasSize(3 * TASKS);
    acks().areThereOnce(base);
    nothingIsLeft();
  }

  /** All tasks of so many runs have been answered for many files. */
  private void awaitDeposits(int runs) throws Exception {
    eventually(
        "deposits by all tasks of run " + runs,
        PATIENCE,
        () -> acks().files().size() == runs * TASKS && acks().count() > runs * 3000L);
  }

  /** The loss of the node of one of the three is not even noticed by programs. */
  @Test
  void aJobWithAnEnsembleLosesAServer() throws Exception {
    Path out = place.resolve("job.out");
    String example = Files.readString(Slurm.EXAMPLE);
    Path script = place.resolve("ensemble.sh");
    Files.writeString(script, example.replace("--coordinators 2", "--coordinators 2 --ensemble 3"));
    assertThat(script).content().contains("--ensemble 3");
    String job = slurm.submit(script, base, out, List.of(), program(place, 2500));
    awaitDeposits(1);
    List<ProcessHandle> servers = members().filter(p -> arguments(p).contains("--server")).toList();
    assertThat(servers).hasSizeGreaterThanOrEqualTo(3); // srun has the same arguments
    servers.stream()
        .filter(p -> arguments(p).contains("2/3"))
        .forEach(ProcessHandle::destroyForcibly);
    String over = slurm.await(job, PATIENCE);
    assertThat(over).as(Files.readString(out)).contains("JobState=COMPLETED");
    assertThat(acks().count()).isEqualTo(20_000);
    acks().areThereOnce(base);
    nothingIsLeft();
  }

  /** All processes of the job get SIGTERM at once, its ZooKeeper too. */
  @Test
  void aJobThatIsCancelledIsDrainedByTheSignal() throws Exception {
    Path out = place.resolve("job.out");
    String job = slurm.submit(base, out, List.of(), program(place, 1_000_000));
    eventually(
        "deposits by all tasks",
        PATIENCE,
        () -> acks().count() > 2000 && acks().files().size() == TASKS);
    slurm.run(".scancel", PATIENCE, "scancel", job);
    assertThat(slurm.await(job, PATIENCE)).contains("JobState=CANCELLED");
    assertThat(base.resolve(".sheaf/sessions/job" + job + ".json"))
        .as(Files.readString(out))
        .exists();
    acks().areThereOnce(base);
    nothingIsLeft();
  }

  /** The program would go on for longer than the job may: its session is drained before. */
  @Test
  void aJobThatRunsOutOfTimeIsDrainedBefore() throws Exception {
    Path out = place.resolve("job.out");
    String reserves = "SHEAF_DRAIN_RESERVE=5s,SHEAF_STOP_TIMEOUT=5s,SHEAF_SALVAGE_GRACE=2s";
    String job =
        slurm.submit(
            base,
            out,
            List.of("--time=1", "--export=ALL," + reserves),
            program(place, 1_000_000, "--pause", "0.005"));
    String over = slurm.await(job, PATIENCE);
    String said = Files.readString(out);
    assertThat(said).contains("503").contains("is being drained");
    Path summary = base.resolve(".sheaf/sessions/job" + job + ".json");
    assertThat(summary).as(said + over).exists();
    long closed = new ObjectMapper().readTree(summary.toFile()).path("closed").asLong();
    Instant limit = started(over).plusSeconds(60);
    System.out.println(
        "drained " + Duration.between(Instant.ofEpochMilli(closed), limit) + " before the end");
    assertThat(Instant.ofEpochMilli(closed)).isBefore(limit);
    acks().areThereOnce(base);
    nothingIsLeft();
  }

  private static Instant started(String job) {
    Matcher time = Pattern.compile("StartTime=(\\S+)").matcher(job);
    assertThat(time.find()).as(job).isTrue();
    return LocalDateTime.parse(time.group(1)).atZone(ZoneId.systemDefault()).toInstant();
  }
}
