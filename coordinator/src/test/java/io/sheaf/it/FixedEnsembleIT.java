package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.zkinit.ReservedPorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sheaf zookeeper --ensemble}: servers that come and go, and keep what they have said. */
@Tag("cluster")
class FixedEnsembleIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path directory;

  private final List<Integer> clientPorts = new ArrayList<>();

  /** Three servers on this machine; the last one under a name that stands for nothing. */
  private String hosts(String last) throws IOException {
    StringBuilder hosts = new StringBuilder();
    try (ReservedPorts reserved = ReservedPorts.of("127.0.0.1", 9)) {
      for (int i = 0; i < 9; i += 3) {
        List<Integer> ports = reserved.ports().subList(i, i + 3);
        clientPorts.add(ports.get(0));
        hosts
            .append(i == 0 ? "" : ",")
            .append(i == 6 ? last : "127.0.0.1")
            .append(":%d:%d:%d".formatted(ports.toArray()));
      }
    }
    return hosts.toString();
  }

  private Running server(String hosts, int id, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("zookeeper", "--id", "" + id));
    arguments.addAll(List.of("--ensemble", hosts, "--data", directory.resolve("data" + id) + ""));
    arguments.addAll(List.of(options));
    return Running.sheaf(directory, "server-" + id, arguments.toArray(String[]::new));
  }

  @Test
  void serversThatAreKilledComeBackWithTheirData() throws Exception {
    String hosts = hosts("127.0.0.1");
    List<Running> servers = new ArrayList<>();
    try {
      for (int id = 1; id <= 3; id++) {
        servers.add(server(hosts, id));
      }
      String all = servers.get(0).prints("127.0.0.1:", PATIENCE).out().strip();
      assertThat(all.split(",")).hasSize(3);
      write(all, "/kept", "before");
      servers.forEach(Running::close);
      awaitGone();

      // Two of them are most of them.
      servers.set(0, server(hosts, 1));
      servers.set(1, server(hosts, 2));
      assertThat(read(all, "/kept")).isEqualTo("before");
      write(all, "/second", "without the third");
      servers.set(2, server(hosts, 3));
      eventually("the third follows", PATIENCE, () -> serves(2));
      servers.get(0).close();
      assertThat(read("127.0.0.1:" + clientPorts.get(2), "/second")).isEqualTo("without the third");

      servers.get(2).terminate();
      servers.get(2).endsWith(0, PATIENCE);
    } finally {
      servers.forEach(Running::close);
    }
  }

  @Test
  void namesThatStandForNothingYetAreWaitedFor() throws Exception {
    String hosts = hosts("not-there-yet.invalid");
    try (Running first = server(hosts, 1, "--address", "0.0.0.0");
        Running second = server(hosts, 2, "--address", "0.0.0.0")) {
      first.prints("not-there-yet.invalid", PATIENCE);
      eventually("two of three serve", PATIENCE, () -> serves(0) && serves(1));
      write("127.0.0.1:" + clientPorts.get(0), "/there", "yes");
      assertThat(read("127.0.0.1:" + clientPorts.get(1), "/there")).isEqualTo("yes");
      assertThat(first.isAlive() && second.isAlive()).isTrue();
    }
  }

  @Test
  void wrongOptionsAreOneLine() throws Exception {
    refused("--id", "--ensemble", "a,b,c", "--id", "4");
    refused("is there twice", "--ensemble", "a,a", "--id", "1");
    refused("no port", "--ensemble", "a:0,b", "--id", "1");
    refused("neither --port", "--ensemble", "a,b", "--id", "1", "--port", "1");
  }

  private void refused(String said, String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("zookeeper", "--data", directory + "/none"));
    arguments.addAll(List.of(options));
    try (Running server = Running.sheaf(directory, "refused", arguments.toArray(String[]::new))) {
      assertThat(server.endsWith(2, PATIENCE).err()).contains(said).hasLineCount(1);
    }
    assertThat(Files.exists(directory.resolve("none"))).isFalse();
  }

  private void awaitGone() throws Exception {
    eventually("all are gone", PATIENCE, () -> !serves(0) && !serves(1) && !serves(2));
  }

  private boolean serves(int i) {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), clientPorts.get(i)), 1000);
      socket.setSoTimeout(2000);
      socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
      byte[] said = socket.getInputStream().readAllBytes();
      return new String(said, StandardCharsets.US_ASCII).contains("Mode: ");
    } catch (IOException e) {
      return false;
    }
  }

  private static void write(String servers, String path, String text) throws Exception {
    try (CuratorFramework client = connect(servers)) {
      client.create().forPath(path, text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String read(String servers, String path) throws Exception {
    try (CuratorFramework client = connect(servers)) {
      client.sync().forPath(path);
      return new String(client.getData().forPath(path), StandardCharsets.UTF_8);
    }
  }

  private static CuratorFramework connect(String servers) {
    CuratorFramework client =
        CuratorFrameworkFactory.builder()
            .connectString(servers)
            .ensembleTracker(false)
            .retryPolicy(new RetryNTimes(60, 1000))
            .build();
    client.start();
    return client;
  }
}
