package io.sheaf.zkinit;

import io.sheaf.tree.RawTree;
import io.sheaf.zkinit.PlannedNode.Trait;
import java.util.List;

/** Which of the paths that a planned znode may have are there. */
final class Present {
  private Present() {}

  static List<String> paths(RawTree tree, PlannedNode node) {
    return node.is(Trait.SEQUENCE)
        ? numbered(node, tree.children(node.parent()))
        : tree.exists(node.path()) ? List.of(node.path()) : List.of();
  }

  /** Those of the children of a sequence's parent that belong to it, sorted. */
  static List<String> numbered(PlannedNode node, List<String> children) {
    String parent = node.parent().equals("/") ? "/" : node.parent() + "/";
    return children.stream().map(child -> parent + child).filter(node::names).sorted().toList();
  }
}
