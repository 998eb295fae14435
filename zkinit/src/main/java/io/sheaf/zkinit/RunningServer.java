package io.sheaf.zkinit;

import java.io.IOException;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.security.sasl.SaslException;
import org.apache.zookeeper.server.ServerConfig;
import org.apache.zookeeper.server.ZooKeeperServerMain;
import org.apache.zookeeper.server.quorum.QuorumPeer;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;
import org.apache.zookeeper.util.ServiceUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * ZooKeeper's server on a thread of its own. ZooKeeper's own class for this hides why a start
 * failed until a time-out, and writes its settings into a file.
 */
final class RunningServer {
  private static final Logger log = LoggerFactory.getLogger(RunningServer.class);

  private interface Main {
    void run() throws Exception; // the server declares nothing narrower

    void close();
  }

  private final Main main;
  private final CompletableFuture<Boolean> started;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile boolean stopping;

  private RunningServer(Main main, CompletableFuture<Boolean> started) {
    this.main = main;
    this.started = started;
  }

  /** Returns when it listens; an ensemble serves when most of its servers do. */
  static RunningServer start(Properties properties, long timeoutMillis) throws IOException {
    CompletableFuture<Boolean> started = new CompletableFuture<>();
    RunningServer server = new RunningServer(main(properties, started), started);
    // Of the process: where there are several servers, the last one is taken for the culprit.
    ServiceUtils.setSystemExitProcedure(server::exit);
    Thread thread = new Thread(server::run, "zookeeper-server");
    thread.setDaemon(true);
    thread.start();
    server.await(timeoutMillis);
    return server;
  }

  private static Main main(Properties properties, CompletableFuture<Boolean> started)
      throws IOException {
    try {
      QuorumPeerConfig config = new QuorumPeerConfig();
      config.parseProperties(properties);
      return config.isDistributed() ? new Member(config, started) : new Single(config, started);
    } catch (QuorumPeerConfig.ConfigException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      MDC.remove("myid");
    }
  }

  private void run() {
    try {
      main.run();
    } catch (Throwable e) {
      if (!started.completeExceptionally(e) && !stopping) {
        log.error("ZooKeeper's server has failed", e);
      }
    } finally {
      ended.complete(null);
    }
  }

  /** The server would end the process with this code. */
  private void exit(int code) {
    log.error("ZooKeeper's server ends: {}", code);
    ended.complete(null);
  }

  CompletableFuture<Void> ended() {
    return ended.copy();
  }

  private void await(long timeoutMillis) throws IOException {
    try {
      started.get(timeoutMillis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      close();
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(cause.getMessage(), cause);
    } catch (TimeoutException e) {
      close();
      throw new IOException("it does not serve after " + timeoutMillis / 1000 + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw new IOException("interrupted", e);
    }
  }

  void close() {
    stopping = true;
    main.close();
  }

  private static final class Single extends ZooKeeperServerMain implements Main {
    private final ServerConfig config = new ServerConfig();
    private final CompletableFuture<Boolean> started;

    Single(QuorumPeerConfig from, CompletableFuture<Boolean> started) {
      config.readFrom(from);
      this.started = started;
    }

    @Override
    public void run() throws Exception {
      runFromConfig(config);
    }

    @Override
    public void serverStarted() {
      started.complete(true);
    }
  }

  private static final class Member extends QuorumPeerMain implements Main {
    private final QuorumPeerConfig config;
    private final CompletableFuture<Boolean> started;

    Member(QuorumPeerConfig config, CompletableFuture<Boolean> started) {
      this.config = config;
      this.started = started;
    }

    @Override
    public void run() throws Exception {
      runFromConfig(config);
    }

    @Override
    protected QuorumPeer getQuorumPeer() throws SaslException {
      return new QuorumPeer() {
        @Override
        public synchronized void start() {
          super.start();
          started.complete(true);
        }
      };
    }
  }
}
