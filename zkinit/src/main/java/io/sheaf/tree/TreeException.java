package io.sheaf.tree;

import org.jspecify.annotations.Nullable;

/** ZooKeeper did not do what was asked. The subclasses say what the caller should do about it. */
public class TreeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TreeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
