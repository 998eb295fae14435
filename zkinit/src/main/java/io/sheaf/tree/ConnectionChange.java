package io.sheaf.tree;

/** What happened to the connection with ZooKeeper. */
public enum ConnectionChange {
  /** The first connection. */
  CONNECTED,
  /** No answer for now: claims and leadership are in doubt, so commit nothing. */
  SUSPENDED,
  /** The ZooKeeper session is gone and with it every claim and registration: abandon. */
  LOST,
  /** Connected again; after LOST under a new ZooKeeper session. */
  RECONNECTED
}
