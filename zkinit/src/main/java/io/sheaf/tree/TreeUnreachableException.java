package io.sheaf.tree;

import org.jspecify.annotations.Nullable;

/**
 * ZooKeeper did not answer: try again later. Whether the operation took place is unknown; every
 * operation of {@link Tree} may be repeated.
 */
public final class TreeUnreachableException extends TreeException {
  private static final long serialVersionUID = 1L;

  public TreeUnreachableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
