package io.sheaf.zkinit;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.zookeeper.server.embedded.ExitHandler;
import org.apache.zookeeper.server.embedded.ZooKeeperServerEmbedded;
import org.apache.zookeeper.server.persistence.FileTxnLog;

/**
 * A real ZooKeeper server in this process. It serves when {@link #start} returns; what it
 * acknowledged is in its data directory, and the next start on that directory has it.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
  /** ZooKeeper's own default, 64 MiB, is meant for a disk that has nothing else to do. */
  private static final long LOG_GROWTH_BYTES = 1L << 20;

  private static final long START_TIMEOUT_MILLIS = 30_000;

  private final ZooKeeperServerEmbedded server;
  private final String address;
  private final int port;

  private EmbeddedZooKeeper(ZooKeeperServerEmbedded server, String address, int port) {
    this.server = server;
    this.address = address;
    this.port = port;
  }

  /**
   * Starts a server on 127.0.0.1.
   *
   * @param data directory, created if missing
   * @param port 0 takes a free one
   * @throws IOException when it does not serve within 30 seconds, for example because the port is
   *     taken
   */
  public static EmbeddedZooKeeper start(Path data, int port) throws IOException {
    return start(data, "127.0.0.1", port);
  }

  /** As {@link #start(Path, int)}, on another address of this machine. */
  public static EmbeddedZooKeeper start(Path data, String address, int port) throws IOException {
    Files.createDirectories(data);
    int chosen = port == 0 ? Ports.free(address) : port;
    Ports.requireFree(address, chosen);
    FileTxnLog.setPreallocSize(LOG_GROWTH_BYTES);
    ZooKeeperServerEmbedded server = null;
    try {
      server =
          ZooKeeperServerEmbedded.builder()
              .baseDir(data)
              .configuration(configuration(data, address, chosen))
              .exitHandler(ExitHandler.LOG_ONLY)
              .build();
      removeGeneratedFiles(data);
      server.start(START_TIMEOUT_MILLIS);
      return new EmbeddedZooKeeper(server, address, chosen);
    } catch (Exception e) { // the server declares nothing narrower
      if (server != null) {
        server.close();
      }
      throw new IOException(
          "cannot start ZooKeeper on "
              + address
              + ":"
              + chosen
              + " with its data in "
              + data
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** Each start leaves its properties in a file that nothing reads again. */
  private static void removeGeneratedFiles(Path data) throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(data, "zookeeper.configuration*.properties")) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** See ZooKeeper's administrator's guide; unknown keys become its system properties. */
  private static Properties configuration(Path data, String address, int port) {
    Properties properties = new Properties();
    properties.setProperty("dataDir", data.toAbsolutePath().toString());
    properties.setProperty("clientPort", Integer.toString(port));
    properties.setProperty("clientPortAddress", address);
    properties.setProperty("tickTime", "1000");
    properties.setProperty("minSessionTimeout", "1000");
    properties.setProperty("maxSessionTimeout", "120000");
    properties.setProperty("maxClientCnxns", "0"); // all members of a machine share one address
    properties.setProperty("admin.enableServer", "false");
    properties.setProperty("extendedTypesEnabled", "true"); // TTL nodes
    properties.setProperty("autopurge.snapRetainCount", "3");
    properties.setProperty("autopurge.purgeInterval", "1"); // hours
    return properties;
  }

  public int port() {
    return port;
  }

  /** For {@code --servers}: {@code 127.0.0.1:2181}. */
  public String servers() {
    return address + ":" + port;
  }

  /** Stops serving; never throws. */
  @Override
  public void close() {
    server.close();
  }
}
