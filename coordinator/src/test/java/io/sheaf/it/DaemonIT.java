package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members as daemons: detached, under a service manager, and what signals do to them. */
@Tag("cluster")
class DaemonIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Receives datagrams as a service manager does, and writes each as a line. */
  private static final String MANAGER =
      """
      import socket, sys
      s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      s.bind(sys.argv[1])
      print("bound", flush=True)
      while True:
          print(s.recv(65536).decode().replace("\\n", " "), flush=True)
      """;

  @TempDir Path directory;
  private final Map<String, String> environment = new HashMap<>();
  private final List<Running> started = new ArrayList<>();

  @BeforeEach
  void settings() throws Exception {
    Tools.need("setsid", "python3", "curl");
    environment.put("SHEAF_SESSION", "job");
    environment.put("SHEAF_BASE", Files.createDirectory(directory.resolve("base")).toString());
    environment.put("SHEAF_PIDFILE", directory + "/%(role)s.pid");
    environment.put("SHEAF_LOGFILE", directory + "/%(session)s-%(role)s-%(pid)s.log");
    environment.put("SHEAF_SOCKET", directory + "/s/w");
    environment.put("SLURM_JOB_ID", "");
    String servers =
        sheaf("zookeeper", "--data", directory + "/zk", "--port", "0", "--daemon")
            .endsWith(0, PATIENCE)
            .out();
    environment.put("SHEAF_SERVERS", servers.strip());
  }

  @AfterEach
  void end() throws IOException {
    started.forEach(Running::close);
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".pid")).toList()) {
        String pid = Files.readString(file).strip();
        ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
  }

  private Running sheaf(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:-UsePerfData", "-jar"));
    command.add(System.getProperty("sheaf.jar"));
    command.addAll(List.of(arguments));
    return command(arguments[0] + "-" + started.size(), command);
  }

  private Running command(String name, List<String> command) throws IOException {
    Running running = Running.command(directory, name, environment, command);
    started.add(running);
    return running;
  }

  private long pid(String role) throws IOException {
    return Long.parseLong(Files.readString(pidFile(role)).strip());
  }

  private Path pidFile(String role) {
    return directory.resolve(role + ".pid");
  }

  private void signal(String signal, long pid) throws IOException, InterruptedException {
    command("kill", List.of("kill", "-" + signal, "" + pid)).endsWith(0, PATIENCE);
  }

  private void deposit() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "contents");
    sheaf("put", file.toString(), "a.zip/file").endsWith(0, PATIENCE);
  }

  private void gone(String role) throws Exception {
    eventually(role + " has left", PATIENCE, () -> Files.notExists(pidFile(role)));
  }

  private String status() throws Exception {
    return sheaf("session", "status", "job").endsWith(0, PATIENCE).out();
  }

  @Test
  void aDaemonServesWhenItsStarterEnds() throws Exception {
    Path done = directory.resolve("done/job.json");
    Running coordinator =
        sheaf("coordinator", "--daemon", "--done-file", directory + "/done/%(session)s.json");
    assertThat(coordinator.endsWith(0, PATIENCE).err())
        .contains("serves job (pid " + pid("coordinator"), "job-coordinator-");
    Running worker = sheaf("worker", "--daemon", "--output", "json").endsWith(0, PATIENCE);
    assertThat(worker.out()).contains("\"pid\" : " + pid("worker"), directory + "/s/w");
    assertThat(sessionOf(pid("worker"))).isEqualTo(pid("worker"));
    deposit();

    Running second = sheaf("worker", "--daemon").endsWith(1, PATIENCE);
    assertThat(second.err()).contains("process " + pid("worker") + " runs").hasLineCount(1);
    Running wrong = sheaf("worker", "--daemon", "--pidfile", "%(nobody)s");
    assertThat(wrong.endsWith(2, PATIENCE).err()).contains("%(nobody)s", "%(role)s");
    Running base = sheaf("worker", "--daemon", "--base", "/proc/none", "--pidfile", "x.pid");
    assertThat(base.endsWith(1, PATIENCE).err()).contains("/proc/none");

    signal("USR2", pid("worker"));
    gone("worker");
    gone("coordinator");
    assertThat(Files.readString(done)).contains("\"files\" : 1", "\"clean\" : true");
  }

  /** The fourth number behind the name, of proc_pid_stat(5). */
  private static long sessionOf(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3]);
  }

  @Test
  void sigtermEndsOnlyTheMemberOutsideOfAJob() throws Exception {
    sheaf("coordinator", "--daemon").endsWith(0, PATIENCE);
    sheaf("worker", "--daemon").endsWith(0, PATIENCE);
    deposit();
    signal("TERM", pid("worker"));
    gone("worker");
    signal("TERM", pid("coordinator"));
    gone("coordinator");
    assertThat(status()).contains("session job: open");
  }

  @Test
  void sigtermInAJobEndsTheSession() throws Exception {
    environment.put("SLURM_JOB_ID", "1");
    sheaf("coordinator", "--daemon").endsWith(0, PATIENCE);
    sheaf("worker", "--daemon").endsWith(0, PATIENCE);
    deposit();
    signal("TERM", pid("coordinator"));
    gone("worker");
    gone("coordinator");
    Running drain = sheaf("session", "drain", "job").endsWith(14, PATIENCE);
    assertThat(drain.err()).contains("it was closed at", "sessions/job.json");
  }

  @Test
  void aSecondSigtermLeavesAtOnceAndTheDrainGoesOn() throws Exception {
    environment.put("SHEAF_ON_TERM", "drain");
    sheaf("coordinator", "--daemon").endsWith(0, PATIENCE);
    sheaf("worker", "--daemon").endsWith(0, PATIENCE);
    deposit();
    // A worker that is stopped holds the drain up, for as long as its session with ZooKeeper lasts.
    signal("STOP", pid("worker"));
    signal("TERM", pid("coordinator"));
    eventually("it drains", PATIENCE, () -> status().contains("session job: draining"));
    assertThat(pidFile("coordinator")).exists();
    signal("TERM", pid("coordinator"));
    gone("coordinator");
    assertThat(status()).contains("session job: draining");
    signal("CONT", pid("worker"));
    gone("worker");
    sheaf("coordinator").endsWith(0, PATIENCE);
    sheaf("cat", "a.zip/file").endsWith(0, PATIENCE);
  }

  @Test
  void aServiceManagerIsToldOfAWorker() throws Exception {
    String socket = directory.resolve("notify").toString();
    Running manager = command("manager", List.of("python3", "-c", MANAGER, socket));
    manager.prints("bound", PATIENCE);
    environment.put("NOTIFY_SOCKET", socket);
    environment.put("WATCHDOG_USEC", "600000");
    Running worker = sheaf("worker");
    manager.prints("READY=1 STATUS=worker ", PATIENCE);
    assertThat(worker.err()).contains("takes deposits at");
    manager.prints("WATCHDOG=1", PATIENCE);
    worker.terminate();
    worker.endsWith(0, PATIENCE);
    manager.prints("STOPPING=1 EXTEND_TIMEOUT_USEC=", PATIENCE);
  }

  @Test
  void aWorkerLeavesBeforeItsJobEnds() throws Exception {
    sheaf("coordinator", "--daemon").endsWith(0, PATIENCE);
    Running worker = sheaf("worker", "--ends-at", "+1h", "--drain-reserve", "1h");
    worker.endsWith(0, PATIENCE);
    assertThat(status()).contains("session job: open", "0 workers");
  }

  @Test
  void theUnitsAreValid() throws Exception {
    Tools.need("systemd-analyze");
    Path units = Files.createDirectory(directory.resolve("units"));
    List<String> command = new ArrayList<>(List.of("systemd-analyze", "verify", "--man=no"));
    try (Stream<Path> files = Files.list(Path.of("../conf/systemd"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".service")).toList()) {
        String name = file.getFileName().toString().replace("@.", "@job7.");
        // It looks whether the program is there.
        String text = Files.readString(file).replace("/opt/sheaf/sheaf", "/bin/sh");
        command.add(Files.writeString(units.resolve(name), text).toString());
      }
    }
    assertThat(command).hasSize(6);
    Running verify = command("verify", command);
    assertThat(verify.endsWith(0, PATIENCE).err()).isEmpty();
  }
}
