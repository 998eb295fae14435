package io.sheaf.zkinit;

import io.sheaf.tree.RawTree;

/**
 * An action, and how it is done.
 *
 * @param change may find that it cannot be done any more, and says what it did
 */
record Step(PlannedAction action, Change change) {
  /** Changes a tree; done twice it has the same result. */
  interface Change {
    PlannedAction make(RawTree tree);
  }

  /** A step that does nothing. */
  static Step none(PlannedAction action) {
    return new Step(action, tree -> action);
  }
}
