package io.sheaf.archive;

import java.io.IOException;

/** The claim under which a merge runs. */
public interface MergeGuard {
  /**
   * Returns when the claim still holds. Asked right before each step that others could see.
   *
   * @throws IOException when it does not: the merge ends there, and whoever has the claim next
   *     recovers
   */
  void ensureValid() throws IOException;
}
