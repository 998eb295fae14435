package io.sheaf.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A session of processes on this machine: one ZooKeeper server, workers, coordinators, writers. */
final class Cluster implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);

  private final Path directory;
  private final Path base;
  private final List<Running> started = new ArrayList<>();
  private String servers = "";
  private List<String> everywhere = List.of();
  private Map<String, String> environment = Map.of();

  Cluster(Path directory) throws IOException {
    this.directory = directory;
    this.base = Files.createDirectories(directory.resolve("base"));
  }

  Path base() {
    return base;
  }

  /** Starts the server, on the address that it had before if it had one. */
  Running zookeeper() throws Exception {
    String port = servers.isEmpty() ? "0" : servers.substring(servers.lastIndexOf(':') + 1);
    Running server =
        keep(
            Running.sheaf(
                directory,
                "zookeeper-" + started.size(),
                "zookeeper",
                "--data",
                zookeeperData().toString(),
                "--port",
                port));
    server.prints("127.0.0.1:", START);
    servers = server.out().strip();
    return server;
  }

  /** Uses servers that somebody else has started. */
  void use(String others) {
    servers = others;
  }

  /** Gives all commands that speak with ZooKeeper these options, and members this environment. */
  void everywhere(List<String> options, Map<String, String> variables) {
    everywhere = List.copyOf(options);
    environment = Map.copyOf(variables);
  }

  Path zookeeperData() {
    return directory.resolve("zookeeper-data");
  }

  Running worker(int n, String... options) throws Exception {
    return worker(n, List.of(), options);
  }

  Running worker(int n, List<String> jvm, String... options) throws Exception {
    List<String> arguments = member("worker", servers, options);
    arguments.addAll(List.of("--socket", socket(n).toString()));
    Running worker =
        keep(
            Running.sheaf(
                directory, "worker" + n + "-" + started.size(), environment, jvm, arguments));
    return worker.prints("takes deposits at", START);
  }

  Path socket(int n) throws IOException {
    Path directoryOfSockets = directory.resolve("s");
    if (!Files.isDirectory(directoryOfSockets)) {
      Files.createDirectory(
          directoryOfSockets,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    return directoryOfSockets.resolve(n + ".sock");
  }

  /** Starts a coordinator; it may still be joining when this returns. */
  Running coordinator(String... options) throws Exception {
    return coordinator(servers, List.of(), options);
  }

  Running coordinator(String servers, List<String> jvm, String... options) throws Exception {
    List<String> arguments = member("coordinator", servers, options);
    return keep(
        Running.sheaf(directory, "coordinator-" + started.size(), environment, jvm, arguments));
  }

  /** Merges what is there, without ZooKeeper. */
  Running recovery(List<String> jvm, String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("recover", "-r", base.toString()));
    arguments.addAll(Arrays.asList(options));
    return keep(Running.sheaf(directory, "recover-" + started.size(), jvm, arguments));
  }

  /** Where the server is. */
  String servers() {
    return servers;
  }

  private List<String> member(String role, String servers, String... options) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of(role, "-N", "test", "-r", base.toString(), "--servers", servers));
    arguments.addAll(everywhere);
    arguments.addAll(Arrays.asList(options));
    return arguments;
  }

  /** Starts writers.py against a worker; acknowledgements go to files that begin with a name. */
  Running writers(int worker, String name, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("python3", Tools.script("writers.py"), "--socket", "" + socket(worker)));
    command.addAll(List.of("--acks", acks().file(name), "--prefix", name));
    command.addAll(Arrays.asList(options));
    return keep(Running.command(directory, name, Map.of(), command));
  }

  /** Starts doors.py against a worker, until there is a file {@code stop} in a directory. */
  Running doors(int worker, Path files, String... doors) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("python3", Tools.script("doors.py"), "--socket", "" + socket(worker)));
    command.addAll(List.of("--acks", acks().file("doors"), "--files", files.toString()));
    command.addAll(Arrays.asList(doors));
    return keep(Running.command(directory, "doors", Map.of(), command));
  }

  private Acknowledgements acks() {
    return new Acknowledgements(directory);
  }

  /** How many deposits were acknowledged so far. */
  long acknowledged() throws IOException {
    return acks().count();
  }

  /** Ends the session; the exit status of the drain. */
  Running drain(String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("session", "drain", "test"));
    arguments.addAll(List.of("--servers", servers, "--output", "json", "--timeout", "5m"));
    arguments.addAll(everywhere);
    arguments.addAll(Arrays.asList(options));
    return keep(Running.sheaf(directory, "drain", environment, List.of(), arguments));
  }

  /** Ends a session that leaves nothing undone. */
  String drained(String... options) throws Exception {
    return drain(options).endsWith(0, Duration.ofMinutes(5)).out();
  }

  /**
   * Every deposit that was acknowledged is in an archive, once, says a reader that is not Sheaf.
   */
  String everyAcknowledgedDepositIsThereOnce() throws Exception {
    return acks().areThereOnce(base);
  }

  Running verify(String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("verify", "-r", base.toString()));
    arguments.addAll(Arrays.asList(options));
    return keep(Running.sheaf(directory, "verify-" + started.size(), List.of(), arguments));
  }

  Running keep(Running process) {
    started.add(process);
    return process;
  }

  @Override
  public void close() {
    started.forEach(Running::close);
  }
}
