package io.sheaf.tree;

import io.sheaf.conf.Access;
import io.sheaf.conf.Credentials;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.zookeeper.data.ACL;

/**
 * The znodes that a server starts with that is closed to all who have none of its passwords: rights
 * are split between the three users, and nobody else may read or change anything.
 */
public final class ClosedTree {
  /** The default of the setting {@code root}. */
  static final String ROOT = "/sheaf";

  private final Roles roles;
  private final RightsTable table;

  public ClosedTree(Credentials credentials) {
    this.roles =
        new Roles(
            Roles.VERSION,
            id(credentials, Access.ADMIN),
            id(credentials, Access.COORDINATOR),
            id(credentials, Access.WORKER));
    this.table = new RightsTable(ROOT, roles);
  }

  private static String id(Credentials credentials, Access access) {
    return "digest:" + Digests.of(access.user(), credentials.password(access));
  }

  /** Data by path, parents first; each has the ACL of {@link #acl}. */
  public Map<String, byte[]> znodes() {
    Map<String, byte[]> znodes = new LinkedHashMap<>();
    znodes.put(ROOT, Codec.ROLES.encode(roles));
    znodes.put(ROOT + "/bases", new byte[0]);
    znodes.put(ROOT + "/sessions", new byte[0]);
    return znodes;
  }

  /** Outside of Sheaf's own part, the administrator's alone. */
  public List<ACL> acl(String path) {
    boolean ours = path.equals(ROOT) || path.startsWith(ROOT + "/");
    List<ACL> acl = table.of(path);
    return ours ? acl : acl.subList(0, 1);
  }
}
