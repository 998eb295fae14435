package io.sheaf.tree;

/**
 * A member's ephemeral znode. It comes back by itself when ZooKeeper does, also under a new
 * ZooKeeper session, as long as the sheaf session exists.
 */
public interface Registration extends AutoCloseable {
  /** Whether the znode is known to be there now. */
  boolean isRegistered();

  /** Removes the znode, later if ZooKeeper is away; never throws. */
  @Override
  void close();
}
