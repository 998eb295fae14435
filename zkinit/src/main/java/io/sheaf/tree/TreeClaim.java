package io.sheaf.tree;

/**
 * The exclusive right to merge into one archive, as far as ZooKeeper can give it. It is bound to no
 * thread.
 */
public interface TreeClaim extends AutoCloseable {
  ArchiveKey key();

  /**
   * Asks ZooKeeper whether the claim's znode is still the one that was created for it.
   *
   * @throws ClaimLostException when the claim is gone for good: abandon
   * @throws TreeUnreachableException while ZooKeeper does not answer: commit nothing now; the claim
   *     may prove to be valid after the reconnect
   */
  void ensureValid();

  /**
   * As {@link #ensureValid}, but the server that is asked has caught up with all others first: its
   * answer is not older than the call.
   */
  void ensureValidNow();

  /** Lets go, later if ZooKeeper is away; never throws. */
  @Override
  void close();
}
