package io.sheaf.tree;

import java.util.List;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.data.ClientInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a server knows a client as what it means to be. One that is not set up for SASL, or asks
 * for no certificate, lets everybody in as nobody.
 */
final class KnownAs {
  private static final Logger log = LoggerFactory.getLogger(KnownAs.class);
  private static final long LOOK_MILLIS = 200;

  private KnownAs() {}

  /**
   * Returns when the server knows this client as what its options say.
   *
   * @throws TreeDeniedException when it does not
   */
  static void require(CuratorFramework client, TreeOptions options, Refusals refusals)
      throws InterruptedException {
    Identity identity = options.identity();
    if (identity.kind() != Identity.Kind.CONNECTION) {
      return;
    }
    long end = System.nanoTime() + options.connectTimeout().toNanos();
    Optional<List<String>> schemes = schemes(client);
    while (schemes.isEmpty() && System.nanoTime() - end < 0) {
      if (refusals.await(LOOK_MILLIS)) {
        throw ConnectFailure.refused(options);
      }
      schemes = schemes(client);
    }
    if (!schemes.orElse(List.of()).contains(identity.id())) {
      throw unknown(options);
    }
  }

  private static TreeDeniedException unknown(TreeOptions options) {
    Identity identity = options.identity();
    return new TreeDeniedException(
        "ZooKeeper at "
            + options.servers()
            + " does not know this client as "
            + identity.text()
            + ": the server is not set up for "
            + (identity.id().equals("sasl") ? "SASL" : "client certificates"),
        null);
  }

  /** Empty when there is no answer: a login by SASL may still be going on, or has just failed. */
  private static Optional<List<String>> schemes(CuratorFramework client)
      throws InterruptedException {
    try {
      return Optional.of(
          client.getZookeeperClient().getZooKeeper().whoAmI().stream()
              .map(ClientInfo::getAuthScheme)
              .toList());
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) { // Curator declares nothing narrower
      log.debug("ZooKeeper does not tell yet as whom it knows this client: {}", e.toString());
      return Optional.empty();
    }
  }
}
