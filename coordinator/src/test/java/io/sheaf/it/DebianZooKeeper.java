package io.sheaf.it;

import io.sheaf.zkinit.ReservedPorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

/** The server of Debian's package, as a process of this test; its service is not touched. */
final class DebianZooKeeper implements AutoCloseable {
  static final Path JAR = Path.of("/usr/share/java/zookeeper.jar");

  private final Path directory;
  private final int port;
  private final Running process;

  private DebianZooKeeper(Path directory, int port, Running process) {
    this.directory = directory;
    this.port = port;
    this.process = process;
  }

  /** With further lines of zoo.cfg, and options of Java; {@code secure} serves TLS only. */
  static DebianZooKeeper start(
      Path directory, boolean secure, Properties further, List<String> options) throws IOException {
    int port;
    try (ReservedPorts reserved = ReservedPorts.of("127.0.0.1", 1)) {
      port = reserved.ports().get(0);
    }
    Path data = Files.createDirectories(directory.resolve("debian"));
    Properties config = new Properties();
    config.putAll(further);
    config.setProperty("dataDir", data.toString());
    config.setProperty("tickTime", "1000");
    config.setProperty("admin.enableServer", "false");
    config.setProperty(secure ? "secureClientPort" : "clientPort", "" + port);
    config.setProperty(secure ? "secureClientPortAddress" : "clientPortAddress", "127.0.0.1");
    Path file = Files.createTempFile(directory, "zoo", ".cfg"); // of mode 0600
    try (var out = Files.newOutputStream(file)) {
      config.store(out, null);
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath()));
    command.addAll(List.of("org.apache.zookeeper.server.quorum.QuorumPeerMain", file.toString()));
    return new DebianZooKeeper(
        directory,
        port,
        Running.command(directory, file.getFileName().toString(), Map.of(), command));
  }

  /** The jar names most of what it needs itself. */
  private static String classPath() throws IOException {
    try (Stream<Path> jars = Files.list(JAR.getParent())) {
      List<String> netty =
          jars.map(Path::toString).filter(jar -> jar.matches(".*/netty-[a-z-]*.jar")).toList();
      return JAR + ":" + String.join(":", netty);
    }
  }

  String servers() {
    return "127.0.0.1:" + port;
  }

  Path directory() {
    return directory;
  }

  @Override
  public void close() {
    process.close();
  }
}
