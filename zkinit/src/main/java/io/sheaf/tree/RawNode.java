package io.sheaf.tree;

import java.util.List;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;

/** A znode as it was found: its rights, versions and owner. */
public record RawNode(List<ACL> acl, Stat stat) {
  /** The owner of container znodes: see ZooKeeper's {@code EphemeralType}. */
  private static final long CONTAINER = Long.MIN_VALUE;

  public RawNode {
    acl = List.copyOf(acl);
  }

  /** Whether it goes by itself: with a session, or when its time is over. */
  public boolean isEphemeral() {
    return isEphemeral(stat);
  }

  static boolean isEphemeral(Stat stat) {
    return stat.getEphemeralOwner() != 0 && stat.getEphemeralOwner() != CONTAINER;
  }
}
