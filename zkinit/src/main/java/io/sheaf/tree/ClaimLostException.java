package io.sheaf.tree;

import org.jspecify.annotations.Nullable;

/** A claim is no longer ours: abandon the merge, commit nothing, claim anew. */
public final class ClaimLostException extends TreeConflictException {
  private static final long serialVersionUID = 1L;

  public ClaimLostException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
