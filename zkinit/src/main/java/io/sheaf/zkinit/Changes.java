package io.sheaf.zkinit;

import io.sheaf.tree.RawTree;
import io.sheaf.zkinit.PlannedNode.Trait;
import java.util.List;

/** Makes planned znodes. */
final class Changes {
  private Changes() {}

  static Step.Change create(PlannedNode node, PlannedAction action) {
    return tree -> {
      String path = node.is(Trait.SEQUENCE) ? createNumbered(tree, node) : create(tree, node);
      return new PlannedAction(action.kind(), path, action.before(), action.after(), action.note());
    };
  }

  /** When somebody else, or a try before, has made it meanwhile, it gets what it should have. */
  private static String create(RawTree tree, PlannedNode node) {
    if (!tree.create(node.path(), node.data(), node.acl(), node.is(Trait.EPHEMERAL))) {
      tree.setAcl(node.path(), node.acl());
      if (node.roles() != null) {
        tree.setData(node.path(), node.data());
      }
    }
    return node.path();
  }

  /**
   * Makes one more. If another did so at the same time, the lower number stays: each looks after it
   * has made its own.
   */
  static String createNumbered(RawTree tree, PlannedNode node) {
    String made = tree.createNext(node.path(), node.data(), node.acl(), node.is(Trait.EPHEMERAL));
    List<String> all = Present.paths(tree, node);
    String first = all.isEmpty() ? made : all.get(0);
    if (!first.equals(made)) {
      tree.delete(made, 0);
    }
    return first;
  }
}
