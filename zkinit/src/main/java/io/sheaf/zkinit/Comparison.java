package io.sheaf.zkinit;

import io.sheaf.tree.RawNode;
import io.sheaf.tree.RawTree;
import io.sheaf.tree.Roles;
import io.sheaf.tree.TreeConflictException;
import io.sheaf.zkinit.PlannedAction.Kind;
import io.sheaf.zkinit.PlannedNode.Trait;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;

/** Finds how a tree differs from the znodes of a plan. */
final class Comparison {
  private final RawTree tree;
  private final PlanUser root;
  private final List<PlannedNode> nodes;
  private final List<Step> steps = new ArrayList<>();

  /** Paths that are there, or will be. */
  private final Set<String> present = new HashSet<>();

  Comparison(RawTree tree, PlanUser root, List<PlannedNode> nodes) {
    this.tree = tree;
    this.root = root;
    this.nodes = nodes;
  }

  /** What is to be done, parents first. */
  List<Step> steps() {
    addChroot();
    for (PlannedNode node : nodes) {
      node.parents().forEach(parent -> addParent(node, parent));
      requireParent(node);
      add(node);
      present.add(node.path());
    }
    return steps;
  }

  /** A chroot that is missing is made too, or nothing could be made in it. */
  private void addChroot() {
    if (tree.exists("/")) {
      present.add("/");
    } else if (nodes.isEmpty() || !nodes.get(0).path().equals("/")) {
      List<ACL> acl = List.of(new ACL(Perms.ALL, root.id()));
      addParent(new PlannedNode("", "/", "", null, acl, Set.of()), "/");
    }
  }

  private void addParent(PlannedNode node, String parent) {
    if (present.add(parent) && !tree.exists(parent)) {
      steps.add(creation(node.asParent(parent)));
    }
  }

  private void requireParent(PlannedNode node) {
    String parent = node.parent();
    if (!node.path().equals("/") && !present.contains(parent) && !tree.exists(parent)) {
      throw new TreeConflictException(
          node.where()
              + ": the parent of "
              + node.path()
              + " does not exist: add the section ["
              + parent
              + "], or makepath=true",
          null);
    }
  }

  private void add(PlannedNode node) {
    List<String> paths = Present.paths(tree, node);
    if (paths.isEmpty()) {
      steps.add(creation(node));
    }
    for (String path : paths) {
      tree.find(path).ifPresentOrElse(found -> compare(node, path, found), () -> add(node));
    }
  }

  private Step creation(PlannedNode node) {
    List<String> rights = Grants.describe(node.acl());
    PlannedAction action =
        new PlannedAction(Kind.CREATE, node.path(), List.of(), rights, kindOf(node));
    return new Step(action, Changes.create(node, action));
  }

  private String kindOf(PlannedNode node) {
    List<String> kinds = new ArrayList<>();
    if (node.path().equals("/")) {
      kinds.add("the chroot " + tree.chroot());
    }
    if (node.is(Trait.EPHEMERAL)) {
      kinds.add("ephemeral");
    }
    if (node.is(Trait.SEQUENCE)) {
      kinds.add("sequence");
    }
    if (node.roles() != null) {
      kinds.add("with roles");
    }
    return String.join(", ", kinds);
  }

  private void compare(PlannedNode node, String path, RawNode found) {
    if (node.is(Trait.EPHEMERAL) != found.isEphemeral()) {
      steps.add(Step.none(PlannedAction.of(Kind.CONFLICT, path, conflict(found))));
      return;
    }
    int before = steps.size();
    if (!Grants.same(found.acl(), node.acl())) {
      steps.add(newRights(node, path, found.acl()));
    }
    Roles roles = node.roles();
    if (roles != null) {
      RolesData data = RolesData.of(tree.data(path), path);
      if (!data.isSame(roles)) {
        steps.add(newRoles(node, path, data));
      }
    }
    if (steps.size() == before) {
      steps.add(Step.none(PlannedAction.unchanged(path)));
    }
  }

  private static String conflict(RawNode found) {
    return found.isEphemeral()
        ? "it is ephemeral, as somebody works there, and should be persistent: stop who made it"
        : "it is persistent and should be ephemeral: remove it";
  }

  private static Step newRights(PlannedNode node, String path, List<ACL> before) {
    PlannedAction action =
        new PlannedAction(
            Kind.SET_ACL,
            path,
            Grants.describe(before, node.acl()),
            Grants.describe(node.acl()),
            "");
    return new Step(
        action,
        tree -> {
          tree.setAcl(path, node.acl());
          return action;
        });
  }

  private static Step newRoles(PlannedNode node, String path, RolesData before) {
    Roles roles = Objects.requireNonNull(node.roles());
    PlannedAction action =
        new PlannedAction(
            Kind.SET_ROLES, path, before.describe(roles), RolesData.of(roles).describe(roles), "");
    return new Step(
        action,
        tree -> {
          tree.setData(path, node.data());
          return action;
        });
  }
}
