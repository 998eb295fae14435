package io.sheaf.tree;

import org.jspecify.annotations.Nullable;

/** The configured user lacks a right on a znode: trying again is of no use. */
public final class TreeDeniedException extends TreeException {
  private static final long serialVersionUID = 1L;

  public TreeDeniedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
