package io.sheaf.tree;

import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;

/**
 * Which rights each role has on which znode: the table in {@code docs/access.md}. The administrator
 * has all everywhere. Note that to create or delete a znode is a right on its parent.
 */
final class RightsTable {
  private static final int R = Perms.READ;
  private static final int RW = R | Perms.WRITE;
  private static final int RC = R | Perms.CREATE;
  private static final int RCD = RC | Perms.DELETE;
  private static final int RWCD = RCD | Perms.WRITE;

  /** Depth of a batch below {@code pending}. */
  private static final int BATCH = 4;

  private record Grant(int coordinator, int worker) {}

  private final String root;
  private final Id admin;
  private final Id coordinator;
  private final Id worker;

  RightsTable(String root, Roles roles) {
    this.root = new TreeLayout(root).root();
    this.admin = id(roles.admin());
    this.coordinator = id(roles.coordinator());
    this.worker = id(roles.worker());
  }

  private static Id id(String text) {
    int colon = text.indexOf(':');
    if (colon < 1) {
      throw new TreeDamagedException(
          "the root znode names a role without a scheme: run 'sheaf zkinitree' with roles again",
          null);
    }
    return new Id(text.substring(0, colon), text.substring(colon + 1));
  }

  /** For a znode at or below the root, and for the root's parents as for the root itself. */
  List<ACL> of(String path) {
    Grant grant = grant(path);
    List<ACL> acl = new ArrayList<>(); // ZooKeeper asks it for null, which List.of does not bear
    acl.add(new ACL(Perms.ALL, admin));
    add(acl, coordinator, grant.coordinator);
    add(acl, worker, grant.worker);
    return acl;
  }

  private static void add(List<ACL> acl, Id id, int rights) {
    if (rights != 0) {
      acl.add(new ACL(rights, id));
    }
  }

  private Grant grant(String path) {
    if (!path.startsWith(root + "/") || path.equals("/")) {
      return new Grant(R, R);
    }
    String[] names = path.substring(root.length() + 1).split("/", -1);
    return switch (names[0]) {
      case "bases" -> new Grant(names.length == 1 ? RCD : RWCD, 0);
      case "sessions" -> inSessions(names);
      default -> new Grant(RWCD, 0);
    };
  }

  private static Grant inSessions(String[] names) {
    return switch (names.length) {
      case 1 -> new Grant(RCD, RC);
      case 2 -> new Grant(RWCD, RC);
      default -> inSession(names[2], names.length - 3);
    };
  }

  /** Depth counts from the znode below the session. */
  private static Grant inSession(String part, int depth) {
    return switch (part) {
      case "workers" -> depth == 0 ? new Grant(RCD, RCD) : new Grant(RW, R);
      case "coordinators" -> depth == 0 ? new Grant(RCD, R) : new Grant(RW, R);
      case "pending" -> depth < BATCH ? new Grant(RCD, RC) : new Grant(R, R);
      case "stats" -> depth == 0 ? new Grant(RCD, RC) : new Grant(RW, RW);
      default -> new Grant(RWCD, R);
    };
  }
}
