package io.sheaf.zkinit;

import io.sheaf.conf.Credentials;
import io.sheaf.tree.LoginContexts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.jspecify.annotations.Nullable;

/**
 * A real ZooKeeper server in this process, alone or one of an ensemble. What it acknowledged is in
 * its data directory, and the next start on that directory has it.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
  /** ZooKeeper's own default, 64 MiB, is meant for a disk that has nothing else to do. */
  private static final long LOG_GROWTH_BYTES = 1L << 20;

  private static final long START_TIMEOUT_MILLIS = 30_000;

  private final RunningServer server;
  private final String address;
  private final int port;

  private EmbeddedZooKeeper(RunningServer server, String address, int port) {
    this.server = server;
    this.address = address;
    this.port = port;
  }

  /**
   * Starts a server on 127.0.0.1 that is open to whoever reaches it.
   *
   * @param data directory, created if missing
   * @param port 0 takes a free one
   * @throws IOException when it does not serve within 30 seconds, for example because the port is
   *     taken
   */
  public static EmbeddedZooKeeper start(Path data, int port) throws IOException {
    return builder(data).port(port).start();
  }

  /** As {@link #start(Path, int)}, on another address of this machine. */
  public static EmbeddedZooKeeper start(Path data, String address, int port) throws IOException {
    return builder(data).address(address).port(port).start();
  }

  /** A server on 127.0.0.1 and a free port, unless it is told otherwise. */
  public static Builder builder(Path data) {
    return new Builder(data);
  }

  public int port() {
    return port;
  }

  /** For {@code --servers}: {@code 127.0.0.1:2181}. */
  public String servers() {
    return address + ":" + port;
  }

  /**
   * Ends when the server has ended, also one that is closed. A server that ends by itself has
   * logged why: it could not write its data, for example.
   */
  public CompletableFuture<Void> ended() {
    return server.ended();
  }

  /** Stops serving; never throws. */
  @Override
  public void close() {
    server.close();
  }

  /** How a server is to be. */
  public static final class Builder {
    private static final int ATTEMPTS = 5;
    private static final String ANY_ADDRESS = "0.0.0.0";

    private final Path data;
    private String address = "127.0.0.1";
    private int port;
    private @Nullable Credentials credentials;
    private int id;
    private List<EnsembleServer> servers = List.of();
    private boolean everywhere;
    private Properties further = new Properties();
    private @Nullable Properties certificates;

    private Builder(Path data) {
      this.data = data;
    }

    public Builder address(String ofThisMachine) {
      this.address = ofThisMachine;
      return this;
    }

    /** 0 takes a free one. */
    public Builder port(int wanted) {
      this.port = wanted;
      return this;
    }

    /**
     * Closes it to all who have none of these passwords: they may read and change nothing, from the
     * start on. Servers of an ensemble let in nobody else as a server either.
     */
    public Builder credentials(Credentials passwords) {
      this.credentials = passwords;
      return this;
    }

    /** Makes it the server {@code own} of an ensemble; address and port are in the list. */
    public Builder ensemble(int own, List<EnsembleServer> all) {
      this.id = own;
      this.servers = List.copyOf(all);
      return this;
    }

    /**
     * Has one of an ensemble listen on all addresses of this machine, and not on that alone which
     * its own name stands for now. So it need not have one yet, and may get another.
     */
    public Builder everywhere() {
      this.everywhere = true;
      return this;
    }

    /** Serves by TLS only. ZooKeeper keeps these settings for the whole process. */
    Builder secure(Properties ssl) {
      this.certificates = ssl;
      return this;
    }

    /** ZooKeeper's own settings; they win over ours. */
    Builder further(Properties settings) {
      this.further = settings;
      return this;
    }

    /**
     * Starts it. A single server serves when this returns. One of an ensemble listens, and serves
     * as soon as most of its servers run; the names of the others need not stand for anything yet.
     *
     * @throws IOException when it does not start within 30 seconds, or its data are not closed as
     *     they are to be
     */
    public EmbeddedZooKeeper start() throws IOException {
      Files.createDirectories(data);
      FileTxnLog.setPreallocSize(LOG_GROWTH_BYTES);
      if (credentials != null) {
        ClosedData.prepare(data, credentials);
      }
      return servers.isEmpty() ? single() : member();
    }

    private EmbeddedZooKeeper single() throws IOException {
      for (int attempt = 1; ; attempt++) {
        try {
          return single(port == 0 ? Ports.free(address) : port);
        } catch (IOException e) {
          // Somebody else may have taken the free port meanwhile.
          if (port != 0 || attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
    }

    private EmbeddedZooKeeper single(int chosen) throws IOException {
      ServerConfiguration configuration = new ServerConfiguration(data);
      return start(configuration, address, chosen);
    }

    private EmbeddedZooKeeper member() throws IOException {
      EnsembleServer own =
          servers.stream()
              .filter(server -> server.id() == id)
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException("no server " + id + " in the list"));
      String listening = everywhere ? ANY_ADDRESS : own.host();
      Ports.requireFree(listening, own.quorumPort());
      Ports.requireFree(listening, own.electionPort());
      Files.write(data.resolve("myid"), Integer.toString(id).getBytes(StandardCharsets.UTF_8));
      ServerConfiguration configuration = new ServerConfiguration(data);
      configuration.ensemble(servers, everywhere);
      if (credentials != null) {
        configuration.quorumLogin(LoginContexts.shared("sheaf", credentials.quorum()));
      }
      return start(configuration, listening, own.clientPort());
    }

    private EmbeddedZooKeeper start(ServerConfiguration configuration, String host, int chosen)
        throws IOException {
      Ports.requireFree(host, chosen);
      configuration.client(host, chosen);
      if (certificates != null) {
        configuration.secure(certificates);
      }
      configuration.addAll(further);
      try {
        RunningServer server =
            RunningServer.start(configuration.properties(), START_TIMEOUT_MILLIS);
        return new EmbeddedZooKeeper(server, host, chosen);
      } catch (IOException e) {
        throw new IOException(
            "cannot start ZooKeeper on "
                + host
                + ":"
                + chosen
                + " with its data in "
                + data
                + ": "
                + e.getMessage(),
            e);
      }
    }
  }
}
