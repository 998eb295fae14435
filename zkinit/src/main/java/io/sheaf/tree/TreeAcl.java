package io.sheaf.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.jspecify.annotations.Nullable;

/**
 * The ACL of every znode that this client creates; ZooKeeper inherits none. It follows the {@link
 * RightsTable} where the root znode says who has which role, and otherwise gives all to the creator
 * alone.
 */
final class TreeAcl implements ACLProvider {
  private final String root;
  private final Identity identity;
  private final List<ACL> own;
  private volatile @Nullable RightsTable table;
  private volatile boolean administrator;

  TreeAcl(TreeOptions options) {
    this.root = options.root();
    this.identity = options.identity();
    this.own = own(identity);
  }

  private static List<ACL> own(Identity identity) {
    return switch (identity.kind()) {
      case USER -> modifiable(new ACL(Perms.ALL, new Id("digest", identity.id())));
      case CONNECTION -> Ids.CREATOR_ALL_ACL;
      case NOBODY -> Ids.OPEN_ACL_UNSAFE;
    };
  }

  /** ZooKeeper asks the list for null, which List.of does not bear. */
  private static List<ACL> modifiable(ACL acl) {
    return new ArrayList<>(List.of(acl));
  }

  /** Takes what the root znode says now; empty when it says nothing of roles. */
  void use(Optional<Roles> roles) {
    table = roles.map(r -> new RightsTable(root, r)).orElse(null);
    administrator =
        identity.kind() == Identity.Kind.USER
            && roles.filter(r -> r.admin().equals("digest:" + identity.id())).isPresent();
  }

  /** Whether this user is the administrator by what the root znode says. */
  boolean isAdministrator() {
    return administrator;
  }

  boolean isSplit() {
    return table != null;
  }

  @Override
  public List<ACL> getAclForPath(String path) {
    RightsTable split = table;
    return split == null ? own : split.of(path);
  }

  /** Curator asks for this where it does not know the path, which is nowhere in Sheaf. */
  @Override
  public List<ACL> getDefaultAcl() {
    return getAclForPath(root);
  }
}
