package io.sheaf.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.it.Tools;
import io.sheaf.zkinit.ReservedPorts;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The cluster of docker/compose.yaml, in a directory of a test. Closing it leaves nothing. */
final class Compose implements AutoCloseable {
  static final String IMAGE = System.getProperty("sheaf.image", "sheaf:latest");

  private static final Path DOCKER = Path.of("../docker").toAbsolutePath().normalize();
  private static final long MINUTES = 5;

  private final Path directory;
  private final List<String> command;
  private final Map<String, String> environment = new TreeMap<>();
  private final Map<String, String> containers = new TreeMap<>();
  private final List<Integer> ports;

  private Compose(Path directory, List<String> command) throws IOException {
    this.directory = directory;
    this.command = command;
    try (ReservedPorts reserved = ReservedPorts.of("127.0.0.1", 3)) {
      ports = reserved.ports();
    }
    environment.put("COMPOSE_PROJECT_NAME", "sheaf-it-" + ProcessHandle.current().pid());
    environment.put("SHEAF_IMAGE", IMAGE);
    environment.put("SHEAF_OUT", out().toString());
    environment.put("SHEAF_ACCOUNTS", directory.resolve("accounts").toString());
    for (int i = 0; i < 3; i++) {
      environment.put("SHEAF_ZK" + (i + 1) + "_PORT", ports.get(i).toString());
    }
  }

  /** Prepares one; skips the test where there is no Docker, or no image. */
  static Compose of(Path directory) throws IOException, InterruptedException {
    Tools.need("docker", "python3");
    if (!succeeds("docker", "info")) {
      Tools.missing("no Docker daemon answers here; this test needs one");
    }
    if (!succeeds("docker", "image", "inspect", IMAGE)) {
      Tools.missing("there is no image " + IMAGE + ": docker/build.sh makes it");
    }
    boolean plugin = succeeds("docker", "compose", "version");
    if (!plugin) {
      Tools.need("docker-compose");
    }
    return new Compose(
        directory, plugin ? List.of("docker", "compose") : List.of("docker-compose"));
  }

  private static boolean succeeds(String... words) throws IOException, InterruptedException {
    return new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  /** The base directory, as this machine sees it. */
  Path out() {
    return directory.resolve("out");
  }

  List<Path> accounts() {
    return List.of(1, 2, 3, 4).stream()
        .map(i -> directory.resolve("accounts/worker" + i + ".account"))
        .toList();
  }

  /** Lines in the account of a worker's program that say that it was answered. */
  long answered(int worker) throws IOException {
    Path account = accounts().get(worker - 1);
    if (Files.notExists(account)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(account)) {
      return lines.filter(line -> line.startsWith("done\t")).count();
    }
  }

  /** Runs Compose with this file; what it printed. */
  String compose(String... arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(command);
    line.addAll(List.of("-f", DOCKER.resolve("compose.yaml").toString()));
    line.addAll(List.of(arguments));
    return run(line);
  }

  /** Runs Sheaf in the container of a service; what it printed on standard output. */
  String sheafIn(String service, String... arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("docker", "exec", container(service), "sheaf"));
    line.addAll(List.of(arguments));
    return run(line);
  }

  /** Runs Sheaf on this machine, against the published ports of the ZooKeeper servers. */
  String sheafHere(String... arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("-jar", System.getProperty("sheaf.jar")));
    line.addAll(List.of(arguments));
    line.addAll(
        List.of(
            "--servers",
            ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","))));
    return run(line);
  }

  /** Its id, which it keeps as long as the cluster is there: Compose takes a second to tell it. */
  private String container(String service) throws IOException, InterruptedException {
    String known = containers.get(service);
    if (known == null) {
      known = compose("ps", "-q", service).strip();
      containers.put(service, known);
    }
    return known;
  }

  /** {@code healthy}, {@code unhealthy} or {@code starting}. */
  String health(String service) throws IOException, InterruptedException {
    String format = "{{.State.Health.Status}}";
    return run(List.of("docker", "inspect", "-f", format, container(service))).strip();
  }

  /** SIGKILL to the process of a service, which Docker does not start again then. */
  void kill(String service) throws IOException, InterruptedException {
    run(List.of("docker", "kill", container(service)));
  }

  /** What docker/account.py says when nothing is wrong. */
  String account() throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("python3", "-B", DOCKER + "/account.py"));
    line.add(out().toString());
    accounts().forEach(account -> line.add(account.toString()));
    return run(line);
  }

  private String run(List<String> line) throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    Path errors = directory.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectOutput(output.toFile()).redirectError(errors.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    boolean inTime = process.waitFor(MINUTES, TimeUnit.MINUTES);
    process.destroyForcibly();
    String said = Files.readString(output);
    assertThat(inTime && process.exitValue() == 0)
        .as("%s:%n%s%n%s", String.join(" ", line), said, Files.readString(errors))
        .isTrue();
    return said;
  }

  /** Keeps what the containers have said, for who reads why a test has failed. */
  void keepLogs(Path file) throws IOException, InterruptedException {
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        compose("logs", "--no-color", "-t"),
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** Files of the containers' user too, which whoever runs the test may not be able to remove. */
  @Override
  public void close() throws IOException {
    try {
      compose("down", "--volumes", "--timeout", "1");
      List<String> remove = new ArrayList<>(List.of("docker", "run", "--rm", "--user", "root"));
      remove.addAll(List.of("-v", directory + ":/test", "--entrypoint", "rm", IMAGE, "-rf"));
      remove.addAll(List.of("/test/out", "/test/accounts"));
      run(remove);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before all was removed");
    }
  }
}
