package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;

import io.sheaf.conf.Credentials;
import io.sheaf.conf.CredentialsFile;
import io.sheaf.zkinit.ReservedPorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Three servers, each a process, closed to all who have not the credentials. */
final class Ensemble implements AutoCloseable {
  private static final int SERVERS = 3;
  private static final Duration START = Duration.ofSeconds(60);

  private final Path directory;
  private final Path file;
  private final Credentials credentials = Credentials.random();
  private final List<Integer> ports;
  private final List<Running> running = new ArrayList<>();

  private Ensemble(Path directory, List<Integer> ports) throws IOException {
    this.directory = directory;
    this.ports = ports;
    this.file = directory.resolve("credentials.json");
    CredentialsFile.create(file, credentials);
  }

  static Ensemble start(Path directory) throws Exception {
    List<Integer> ports;
    try (ReservedPorts reserved = ReservedPorts.of("127.0.0.1", 3 * SERVERS)) {
      ports = reserved.ports();
    }
    Ensemble ensemble = new Ensemble(directory, ports);
    for (int i = 0; i < SERVERS; i++) {
      ensemble.running.add(ensemble.server(i, ensemble.file, "server-" + i));
    }
    ensemble.leader();
    return ensemble;
  }

  /** Starts a server, with what credentials it is given. */
  Running server(int i, Path passwords, String name) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(EnsembleServerMain.class.getName(), directory.resolve(name) + "-data"));
    command.addAll(List.of(passwords.toString(), "" + (i + 1)));
    ports.forEach(port -> command.add(port.toString()));
    return Running.command(directory, name, Map.of(), command);
  }

  void restart(int i) throws IOException {
    running.set(i, server(i, file, "server-" + i));
  }

  Running server(int i) {
    return running.get(i);
  }

  /** Index of the leader; waits until there is one. */
  int leader() throws Exception {
    int[] found = {-1};
    eventually(
        "a leader",
        START,
        () -> {
          for (int i = 0; i < SERVERS; i++) {
            found[0] = mode(i).equals("leader") ? i : found[0];
          }
          return found[0] >= 0 && mode(found[0]).equals("leader");
        });
    return found[0];
  }

  /** leader, follower, or nothing while it does not serve. */
  String mode(int i) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), clientPort(i)), 1000);
      socket.setSoTimeout(2000);
      socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
      String said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      int at = said.indexOf("Mode: ");
      return at < 0 ? "" : said.substring(at + 6).lines().findFirst().orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  private int clientPort(int i) {
    return ports.get(3 * i + 2);
  }

  String servers() {
    return IntStream.range(0, SERVERS)
        .mapToObj(i -> "127.0.0.1:" + clientPort(i))
        .collect(Collectors.joining(","));
  }

  Path file() {
    return file;
  }

  Credentials credentials() {
    return credentials;
  }

  @Override
  public void close() {
    running.forEach(Running::close);
  }
}
