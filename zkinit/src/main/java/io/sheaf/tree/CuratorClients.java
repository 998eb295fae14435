package io.sheaf.tree;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.Secret;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;
import org.apache.zookeeper.client.ConnectStringParser;

/** Makes the one client that a {@link Tree} has. */
final class CuratorClients {
  /**
   * LOST comes after a third of the session time-out: the client notices the silence at two thirds
   * of it, so claims are given up no later than the server gives them away.
   */
  private static final int LOST_AFTER_PERCENT = 33;

  private static final int RETRY_BASE_MILLIS = 50;
  private static final int RETRY_MAX_MILLIS = 1000;
  private static final int RETRIES = 5;
  private static final int LOOK_MILLIS = 200;

  private CuratorClients() {}

  static CuratorFramework start(TreeOptions options, Connection connection, ACLProvider acl) {
    requireServers(options.servers());
    ClientConfig config = ClientConfig.of(options);
    Refusals refusals = new Refusals();
    CuratorFramework client = build(options, config, refusals, acl);
    client.getConnectionStateListenable().addListener(connection);
    client.start();
    boolean ready = false;
    try {
      if (isConnected(client, options, refusals)) {
        KnownAs.require(client, options, refusals);
        ready = true;
        return client;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (!ready) {
        client.close();
        connection.close();
      }
    }
    throw ConnectFailure.of(options, config, refusals.isRefused());
  }

  private static boolean isConnected(
      CuratorFramework client, TreeOptions options, Refusals refusals) throws InterruptedException {
    long end = System.nanoTime() + options.connectTimeout().toNanos();
    while (!refusals.isRefused() && System.nanoTime() - end < 0) {
      if (client.blockUntilConnected(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        return true;
      }
    }
    return false;
  }

  private static CuratorFramework build(
      TreeOptions options, ClientConfig config, Refusals refusals, ACLProvider acl) {
    CuratorFrameworkFactory.Builder builder =
        CuratorFrameworkFactory.builder()
            .connectString(options.servers())
            .sessionTimeoutMs(Math.toIntExact(options.sessionTimeout().toMillis()))
            .connectionTimeoutMs(connectionMillis(options))
            .simulatedSessionExpirationPercent(LOST_AFTER_PERCENT)
            .retryPolicy(
                new BoundedExponentialBackoffRetry(RETRY_BASE_MILLIS, RETRY_MAX_MILLIS, RETRIES))
            .defaultData(new byte[0])
            .ensembleTracker(false)
            .waitForShutdownTimeoutMs(0)
            .zkClientConfig(config.zooKeeper())
            .zookeeperFactory(refusals)
            .aclProvider(acl);
    String user = options.user();
    Secret password = options.password();
    if (user != null && password != null) {
      builder.authorization("digest", credentials(user, password));
    }
    return builder.build();
  }

  /** How long one operation waits for a connection; Curator wants it within the session's. */
  private static int connectionMillis(TreeOptions options) {
    long connect = options.connectTimeout().toMillis();
    return Math.toIntExact(Math.min(connect, options.sessionTimeout().toMillis()));
  }

  private static void requireServers(String servers) {
    try {
      new ConnectStringParser(servers);
    } catch (IllegalArgumentException e) {
      throw new ConfException(
          "servers: \""
              + servers
              + "\" is no list such as host:2181,host:2181/chroot: "
              + e.getMessage(),
          e);
    }
  }

  private static byte[] credentials(String user, Secret password) {
    return (user + ":" + password.reveal()).getBytes(StandardCharsets.UTF_8);
  }
}
