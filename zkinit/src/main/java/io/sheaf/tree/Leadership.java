package io.sheaf.tree;

/** A place in the queue of those who may lead a session. */
public interface Leadership extends AutoCloseable {
  /** False also while ZooKeeper does not answer. */
  boolean isLeader();

  /** Leaves the queue; the listener hears of it when it was the leader. Never throws. */
  @Override
  void close();
}
