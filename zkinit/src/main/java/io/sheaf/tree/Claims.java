package io.sheaf.tree;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims as Curator's semaphore with one lease: unlike its mutexes it is bound to no thread, and
 * returning the lease is repeated in the background until the znode is gone.
 */
final class Claims {
  private static final Logger log = LoggerFactory.getLogger(Claims.class);
  private static final String LEASES = "/leases";

  private final Znodes znodes;
  private final TreeLayout layout;
  private final Set<String> bases = ConcurrentHashMap.newKeySet();

  Claims(Znodes znodes, TreeLayout layout) {
    this.znodes = znodes;
    this.layout = layout;
  }

  Optional<TreeClaim> tryClaim(String baseId, ArchiveKey key, String holder) {
    String path = layout.lock(baseId, key);
    long losses = znodes.connection().losses();
    ensureBase(baseId);
    InterProcessSemaphoreV2 semaphore = new InterProcessSemaphoreV2(znodes.client(), path, 1);
    semaphore.setNodeData(holder.getBytes(StandardCharsets.UTF_8));
    return znodes
        .call(path, () -> Optional.ofNullable(semaphore.acquire(0, TimeUnit.MILLISECONDS)))
        .flatMap(lease -> verified(key, path, lease, losses));
  }

  /** Curator would make containers of them. */
  private void ensureBase(String baseId) {
    if (!bases.contains(baseId)) {
      znodes.ensure(layout.locks(baseId));
      bases.add(baseId);
    }
  }

  /** A lease whose znode cannot be seen is no claim. */
  private Optional<TreeClaim> verified(ArchiveKey key, String path, Lease lease, long losses) {
    String node = path + LEASES + "/" + lease.getNodeName();
    try {
      Optional<Stat> stat = znodes.stat(node);
      if (stat.isPresent()) {
        return Optional.of(new Claim(key, node, lease, stat.get().getCzxid(), losses));
      }
      giveBack(lease, node);
      return Optional.empty();
    } catch (TreeException e) {
      giveBack(lease, node);
      throw e;
    }
  }

  void retire(String baseId, ArchiveKey key, String holder) {
    znodes.deleteChildren(layout.lock(baseId, key) + LEASES, holder);
  }

  Optional<String> holder(String baseId, ArchiveKey key) {
    String leases = layout.lock(baseId, key) + LEASES;
    return znodes.children(leases).stream()
        .sorted()
        .map(name -> znodes.get(leases + "/" + name))
        .flatMap(Optional::stream)
        .map(Znodes.Node::text)
        .findFirst();
  }

  private void giveBack(Lease lease, String node) {
    if (!znodes.connection().isConnected()) {
      znodes.deleteLater(node);
      return;
    }
    try {
      lease.close();
    } catch (Exception e) { // Curator declares nothing narrower
      log.debug("{} is removed later: {}", node, e.toString());
    }
  }

  private final class Claim implements TreeClaim {
    private final ArchiveKey key;
    private final String node;
    private final Lease lease;
    private final long czxid;
    private final long losses;

    Claim(ArchiveKey key, String node, Lease lease, long czxid, long losses) {
      this.key = key;
      this.node = node;
      this.lease = lease;
      this.czxid = czxid;
      this.losses = losses;
    }

    @Override
    public ArchiveKey key() {
      return key;
    }

    @Override
    public void ensureValid() {
      requireNoLoss();
      requireConnection();
      long now = znodes.stat(node).map(Stat::getCzxid).orElse(-1L);
      requireNoLoss();
      if (now != czxid) {
        throw new ClaimLostException("the claim " + node + " is gone", null);
      }
    }

    @Override
    public void ensureValidNow() {
      requireNoLoss();
      requireConnection(); // Or Curator would make a new session, which costs the claim.
      znodes.sync(node);
      ensureValid();
    }

    private void requireConnection() {
      if (!znodes.connection().isConnected()) {
        throw new TreeUnreachableException(
            "the claim " + node + " is in doubt while ZooKeeper does not answer", null);
      }
    }

    private void requireNoLoss() {
      if (znodes.connection().losses() != losses) {
        throw new ClaimLostException("the claim " + node + " went with its session", null);
      }
    }

    @Override
    public void close() {
      giveBack(lease, node);
    }
  }
}
