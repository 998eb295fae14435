package io.sheaf.tree;

import io.sheaf.tree.Znodes.Node;
import java.util.Optional;

/** Reads who has which role from the root znode, at the start and after each reconnect. */
final class RolesWatch implements AutoCloseable {
  private final Znodes znodes;
  private final TreeLayout layout;
  private final TreeAcl acl;
  private final Refresher refresher = new Refresher("sheaf-roles", this::read);
  private final Watch connection;

  RolesWatch(Znodes znodes, TreeLayout layout, TreeAcl acl) {
    this.znodes = znodes;
    this.layout = layout;
    this.acl = acl;
    this.connection = znodes.connection().listenAtOnce(this::changed);
  }

  /** Returns when they are known, or known not to be split. */
  void start() {
    read();
  }

  private void changed(ConnectionChange change) {
    if (change == ConnectionChange.RECONNECTED) {
      refresher.trigger();
    }
  }

  private void read() {
    Optional<Node> root = znodes.get(layout.rootZnode());
    acl.use(root.filter(RolesWatch::hasRoles).map(this::decode));
  }

  /** Whoever built the tree may have put a value of their own there. */
  private static boolean hasRoles(Node node) {
    return node.data().length > 0 && node.data()[0] == '{';
  }

  private Roles decode(Node node) {
    return Codec.ROLES.decode(node.data(), layout.rootZnode());
  }

  @Override
  public void close() {
    connection.close();
    refresher.close();
  }
}
