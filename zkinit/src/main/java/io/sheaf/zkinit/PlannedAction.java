package io.sheaf.zkinit;

import java.util.List;
import java.util.Locale;
import org.apache.zookeeper.data.ACL;

/** What is to be done, or was done, about one znode. */
public final class PlannedAction {
  /** How the znode differs from the plan. */
  public enum Kind {
    CREATE,
    SET_ACL,
    UNCHANGED
  }

  private final Kind kind;
  private final PlannedNode node;
  private final String detail;

  private PlannedAction(Kind kind, PlannedNode node, String detail) {
    this.kind = kind;
    this.node = node;
    this.detail = detail;
  }

  static PlannedAction create(PlannedNode node) {
    return new PlannedAction(Kind.CREATE, node, Grants.describe(node.acl()));
  }

  static PlannedAction unchanged(PlannedNode node) {
    return new PlannedAction(Kind.UNCHANGED, node, "");
  }

  static PlannedAction setAcl(PlannedNode node, List<ACL> before) {
    String now = Grants.describe(node.acl());
    String then = Grants.describe(before);
    String detail = now.equals(then) ? now + " (other password)" : now + " (was " + then + ")";
    return new PlannedAction(Kind.SET_ACL, node, detail);
  }

  public Kind kind() {
    return kind;
  }

  public String path() {
    return node.path();
  }

  /** The rights, by user; empty for a znode that is as planned. */
  public String detail() {
    return detail;
  }

  PlannedNode node() {
    return node;
  }

  /** One line for a user: {@code create /sheaf: root=rwcda sheaf=rwcd}. */
  public String line() {
    String what = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return what + " " + path() + (detail.isEmpty() ? "" : ": " + detail);
  }

  @Override
  public String toString() {
    return line();
  }
}
