package io.sheaf.zkinit;

import io.sheaf.tree.RawTree;
import io.sheaf.zkinit.PlannedNode.Trait;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A plan and a tree, connected. Ephemeral znodes that it makes go when it is closed. */
public final class PlanSession implements AutoCloseable {
  private final RawTree tree;
  private final PlanUser root;
  private final List<PlannedNode> nodes;

  PlanSession(RawTree tree, PlanUser root, List<PlannedNode> nodes) {
    this.tree = tree;
    this.root = root;
    this.nodes = nodes;
  }

  /**
   * What the tree lacks; changes nothing.
   *
   * @param prune whether znodes that the plan does not name are to go, where it names their parent
   * @throws io.sheaf.tree.TreeConflictException when the parent of a planned znode is neither there
   *     nor planned
   */
  public List<PlannedAction> compare(boolean prune) {
    return steps(prune).stream().map(Step::action).toList();
  }

  /**
   * Makes the tree as planned, parents first, and removes last, children first. What fails leaves
   * what was done before; doing it again does the rest.
   *
   * @return what was done, and what was not
   */
  public List<PlannedAction> apply(boolean prune) {
    List<PlannedAction> done = new ArrayList<>();
    for (Step step : steps(prune)) {
      done.add(step.change().make(tree));
    }
    return done;
  }

  /**
   * Has the ephemeral znodes of the plan there until this is closed: made again when they are gone,
   * also after ZooKeeper was away.
   *
   * @param made hears the path of each that is made again, on a thread of the holder
   */
  public Holder hold(Consumer<String> made) {
    List<PlannedNode> held = nodes.stream().filter(node -> node.is(Trait.EPHEMERAL)).toList();
    Holder holder = new Holder(tree, held, made);
    holder.start();
    return holder;
  }

  /** For tests of what happens between looking and changing. */
  RawTree tree() {
    return tree;
  }

  List<Step> steps(boolean prune) {
    List<Step> steps = new ArrayList<>(new Comparison(tree, root, nodes).steps());
    if (prune) {
      steps.addAll(new Pruning(tree, nodes).steps());
    }
    return steps;
  }

  @Override
  public void close() {
    tree.close();
  }
}
