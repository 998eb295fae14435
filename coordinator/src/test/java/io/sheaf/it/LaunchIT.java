package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sheaf session launch} without a ZooKeeper of one's own, and what comes after crashes. */
@Tag("cluster")
class LaunchIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;
  private Path base;
  private int commands;

  @BeforeEach
  void place() throws IOException {
    base = Files.createDirectory(directory.resolve("base"));
  }

  /** Whatever a test left: everything that names its base directory. */
  @AfterEach
  void killAll() {
    processes("").forEach(ProcessHandle::destroyForcibly);
  }

  /** Processes of this test's session, by what their command line says besides. */
  private List<ProcessHandle> processes(String word) {
    return ProcessHandle.allProcesses()
        .filter(ProcessHandle::isAlive)
        .filter(p -> !p.equals(ProcessHandle.current()))
        .filter(p -> words(p).contains(base.toString()))
        .filter(p -> word.isEmpty() || words(p).contains(word))
        .toList();
  }

  private static List<String> words(ProcessHandle process) {
    return process.info().arguments().map(List::of).orElse(List.of());
  }

  private Running sheaf(String... arguments) throws IOException {
    List<String> jvm = List.of("-XX:TieredStopAtLevel=1");
    return Running.sheaf(directory, commands++ + "-" + arguments[1], jvm, List.of(arguments));
  }

  private Running launch(String... options) throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("session", "launch", "job", "-r", base.toString()));
    arguments.addAll(List.of("--logs", directory.resolve("logs").toString(), "--output", "json"));
    arguments.addAll(List.of("--launcher", "local"));
    arguments.addAll(List.of(options));
    return sheaf(arguments.toArray(String[]::new));
  }

  private JsonNode launched(String... options) throws Exception {
    return JSON.readTree(launch(options).endsWith(0, PATIENCE).out());
  }

  private Running writers(JsonNode launched, String name, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("python3", Tools.script("writers.py"), "--processes", "2"));
    command.addAll(List.of("--archives", "3", "--size", "300", "--prefix", name));
    command.addAll(List.of("--socket", launched.path("socket").asText()));
    command.addAll(List.of("--acks", acks().file(name)));
    command.addAll(List.of(options));
    return Running.command(directory, name, Map.of(), command);
  }

  private Acknowledgements acks() {
    return new Acknowledgements(directory);
  }

  private Running drain() throws Exception {
    return sheaf("session", "drain", "job", "-r", base.toString());
  }

  @Test
  void aSessionIsOneCommandAndLeavesNothing() throws Exception {
    JsonNode launched = launched("--workers", "2", "--coordinators", "2");
    assertThat(launched.path("workers")).hasSize(2);
    assertThat(launched.path("coordinators")).hasSize(2);
    Path own = base.resolve(".sheaf/open/job");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(own.resolve("credentials.json"))))
        .isEqualTo("rw-------");
    assertThat(launch().endsWith(1, PATIENCE).err()).contains("has members that are alive");

    Secrecy secrecy = secrecy(own.resolve("credentials.json"));
    List<ProcessHandle> all = processes("");
    assertThat(all).hasSizeGreaterThanOrEqualTo(5);
    for (ProcessHandle process : all) {
      secrecy.ofProcess(process.pid());
    }
    writers(launched, "load", "--files", "300").endsWith(0, PATIENCE);
    Running clean = sheaf("session", "clean", "job", "-r", base.toString());
    assertThat(clean.endsWith(1, PATIENCE).err())
        .contains("these members are alive", launched.path("workers").get(0).path("id").asText());
    Running list = sheaf("session", "list", "-N", "job", "-r", base.toString());
    assertThat(list.endsWith(0, PATIENCE).out()).containsPattern("job +open +2 +2 ");
    Running watch = sheaf("session", "status", "job", "-r", base.toString(), "--watch");
    watch.prints("2 coordinators:", PATIENCE);
    Running plan = sheaf("session", "drain", "job", "-r", base.toString(), "--dry-run");
    assertThat(plan.endsWith(0, PATIENCE).out())
        .contains("4 members would finish and leave", "would be closed by its worker");
    assertThat(drain().endsWith(0, PATIENCE).out()).contains("600 files", "3 archives");
    assertThat(watch.endsWith(0, PATIENCE).err()).contains("session job is closed");
    acks().areThereOnce(base);
    eventually("all processes have ended", PATIENCE, () -> processes("").isEmpty());
    assertThat(own).doesNotExist();
    assertThat(drain().endsWith(14, PATIENCE).err()).contains("it was closed at");
    secrecy.ofFiles(directory, Set.of());
  }

  private static Secrecy secrecy(Path credentials) throws IOException {
    List<String> passwords = new ArrayList<>();
    JSON.readTree(credentials.toFile())
        .properties()
        .forEach(property -> passwords.add(property.getValue().asText()));
    passwords.removeIf(value -> value.equals("1")); // the version of the format
    assertThat(passwords).hasSize(4);
    return new Secrecy(passwords);
  }

  @Test
  void whatWasKilledIsGoneOnWithAtTheNextLaunch() throws Exception {
    JsonNode first = launched();
    try (Running load = writers(first, "first", "--files", "1000000")) {
      eventually("deposits", PATIENCE, () -> acks().count() > 500);
      processes("").forEach(ProcessHandle::destroyForcibly);
      load.await(PATIENCE);
    }
    eventually("all are dead", PATIENCE, () -> processes("").isEmpty());
    Running status = sheaf("session", "status", "job", "-r", base.toString());
    assertThat(status.endsWith(75, PATIENCE).err()).contains("session clean job");
    Running plan = sheaf("session", "clean", "job", "-r", base.toString(), "--dry-run");
    assertThat(plan.endsWith(0, PATIENCE).out())
        .contains("session job: left", "no member is alive", "would be salvaged");

    Running again = launch("--coordinators", "2");
    JsonNode second = JSON.readTree(again.endsWith(0, PATIENCE).out());
    assertThat(again.err()).contains("session job was left unfinished: going on with it");
    writers(second, "second", "--files", "200").endsWith(0, PATIENCE);
    assertThat(drain().await(PATIENCE)).isIn(0, 3);
    acks().areThereOnce(base);
    JsonNode summary = JSON.readTree(base.resolve(".sheaf/sessions/job.json").toFile());
    assertThat(summary.path("files").asLong()).isGreaterThanOrEqualTo(acks().count());
  }

  @Test
  void otherParametersHaveWhatIsLeftCleanedUpFirst() throws Exception {
    JsonNode first = launched("--duplicates", "first");
    writers(first, "first", "--files", "100").endsWith(0, PATIENCE);
    processes("").forEach(ProcessHandle::destroyForcibly);
    eventually("all are dead", PATIENCE, () -> processes("").isEmpty());
    Running again = launch("--duplicates", "last");
    again.endsWith(0, PATIENCE);
    assertThat(again.err())
        .contains("had other parameters: cleaning it up first", "200 files in 3 archives");
    drain().endsWith(0, PATIENCE);
    acks().areThereOnce(base);
  }

  @Test
  void anEnsembleLosesOneOfThree() throws Exception {
    JsonNode launched = launched("--ensemble", "3", "--coordinators", "2");
    String all = Files.readString(base.resolve(".sheaf/open/job/zookeeper.json"));
    assertThat(JSON.readTree(all).path("servers").asText().split(",", -1)).hasSize(3);
    try (Running load = writers(launched, "load", "--files", "1000000")) {
      for (String server : List.of("1/3")) {
        long before = acks().count();
        processes(server).forEach(ProcessHandle::destroyForcibly);
        eventually("deposits go on", PATIENCE, () -> acks().count() > before + 500);
      }
      assertThat(load.isAlive()).as(load.err()).isTrue();
    }
    drain().endsWith(0, PATIENCE);
    acks().areThereOnce(base);
    eventually("all processes have ended", PATIENCE, () -> processes("").isEmpty());
  }

  /** Its filesystem may not be mounted here. */
  @Test
  void noBaseDirectoryIsMade() throws Exception {
    Files.delete(base);
    assertThat(launch().endsWith(1, PATIENCE).err())
        .contains("there is no base directory " + base)
        .hasLineCount(1);
    assertThat(base).doesNotExist();
  }

  @Test
  void aMemberThatDoesNotStartEndsTheLaunchWithItsReason() throws Exception {
    Path notOurs = Files.writeString(directory.resolve("file"), "");
    Running launch = launch("--socket", notOurs.resolve("s").toString());
    assertThat(launch.endsWith(1, PATIENCE).err())
        .contains("worker ended with", notOurs.toString());
    eventually("nothing runs", PATIENCE, () -> processes("").isEmpty());
  }

  @Test
  void membersAreStartedBySsh() throws Exception {
    Tools.need("sshd", "ssh", "ssh-keygen");
    Tools.needRoot();
    Path config = directory.resolve("ssh_config");
    try (Running server = sshd(config)) {
      assertThat(server.isAlive()).isTrue();
      Path java = Path.of(System.getProperty("java.home"), "bin", "java");
      Path launcher = directory.resolve("sheaf");
      Files.writeString(
          launcher,
          "#!/bin/sh\nexec %s -Dsheaf.launcher=%s -jar %s \"$@\"\n"
              .formatted(java, launcher, System.getProperty("sheaf.jar")));
      Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
      List<String> command = new ArrayList<>(List.of(launcher.toString()));
      command.addAll(List.of("session", "launch", "job", "-r", base.toString()));
      command.addAll(List.of("--launcher", "ssh", "--hosts", "here", "--output", "json"));
      command.addAll(List.of("--remote", "ssh -F " + config));
      command.addAll(List.of("--socket", directory.resolve("s/it's.sock").toString()));
      command.addAll(List.of("--logs", directory.resolve("logs").toString()));
      Running launch = Running.command(directory, "ssh-launch", Map.of(), command);
      JsonNode launched = JSON.readTree(launch.endsWith(0, PATIENCE).out());
      writers(launched, "load", "--files", "100").endsWith(0, PATIENCE);
      drain().endsWith(0, PATIENCE);
      acks().areThereOnce(base);
      eventually("all processes have ended", PATIENCE, () -> processes("").isEmpty());
    }
  }

  /** A server for this user on loopback, with keys of its own. */
  private Running sshd(Path config) throws Exception {
    Path key = directory.resolve("key");
    Running.command(
            directory, "keygen", Map.of(), List.of("ssh-keygen", "-q", "-N", "", "-f", "" + key))
        .endsWith(0, PATIENCE);
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Files.createDirectories(Path.of("/run/sshd"));
    Path server = directory.resolve("sshd_config");
    Files.writeString(
        server,
        """
        Port %d
        ListenAddress 127.0.0.1
        HostKey %s
        AuthorizedKeysFile %s.pub
        StrictModes no
        PermitRootLogin yes
        PidFile none
        """
            .formatted(port, key, key));
    Files.writeString(
        config,
        """
        Host here
          HostName 127.0.0.1
          Port %d
          User root
          IdentityFile %s
          StrictHostKeyChecking no
          UserKnownHostsFile /dev/null
          LogLevel ERROR
        """
            .formatted(port, key));
    Running running =
        Running.command(
            directory, "sshd", Map.of(), List.of("/usr/sbin/sshd", "-D", "-e", "-f", "" + server));
    return running.prints("Server listening", PATIENCE);
  }
}
