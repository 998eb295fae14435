package io.sheaf.zkinit;

import io.sheaf.tree.RawPath;
import io.sheaf.tree.RawTree;
import io.sheaf.zkinit.PlannedAction.Kind;
import io.sheaf.zkinit.PlannedNode.Trait;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Finds the znodes that a plan does not name, where it names one above them. */
final class Pruning {
  /** ZooKeeper's own. */
  private static final String RESERVED = "/zookeeper";

  private final RawTree tree;
  private final List<PlannedNode> nodes;
  private final List<Step> steps = new ArrayList<>();

  Pruning(RawTree tree, List<PlannedNode> nodes) {
    this.tree = tree;
    this.nodes = nodes;
  }

  List<Step> steps() {
    for (PlannedNode node : nodes) {
      if (!node.is(Trait.KEEPS_CHILDREN)) {
        Present.paths(tree, node).forEach(this::visit);
      }
    }
    Collections.reverse(steps);
    return steps;
  }

  private void visit(String path) {
    for (String child : tree.children(path)) {
      String below = path.equals("/") ? "/" + child : path + "/" + child;
      if (below.equals(RESERVED) || nodes.stream().anyMatch(node -> node.names(below))) {
        continue; // what is under a named one is its own matter
      }
      if (nodes.stream().anyMatch(node -> node.path().startsWith(below + "/"))) {
        visit(below);
      } else {
        removal(tree.subtree(below)).ifPresent(steps::add);
      }
    }
  }

  private static Optional<Step> removal(List<RawPath> subtree) {
    if (subtree.isEmpty()) {
      return Optional.empty(); // gone meanwhile
    }
    String path = subtree.get(0).path();
    Optional<RawPath> ephemeral = subtree.stream().filter(RawPath::isEphemeral).findFirst();
    if (ephemeral.isPresent()) {
      String note = ephemeral.get().path() + " is ephemeral: somebody works there";
      return Optional.of(Step.none(PlannedAction.of(Kind.KEEP, path, note)));
    }
    String note = subtree.size() == 1 ? "" : "and " + (subtree.size() - 1) + " under it";
    PlannedAction action = PlannedAction.of(Kind.REMOVE, path, note);
    return Optional.of(new Step(action, tree -> remove(tree, subtree, action)));
  }

  /** What was made or changed after it was seen is somebody's work, and stays with all above it. */
  private static PlannedAction remove(RawTree tree, List<RawPath> subtree, PlannedAction action) {
    for (int i = subtree.size() - 1; i >= 0; i--) {
      RawPath znode = subtree.get(i);
      if (!tree.delete(znode.path(), znode.version())) {
        String note = znode.path() + " has just changed: somebody works there";
        return PlannedAction.of(Kind.KEEP, action.path(), note);
      }
    }
    return action;
  }
}
