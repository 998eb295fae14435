package io.sheaf.tree;

import org.jspecify.annotations.Nullable;

/** A record in ZooKeeper cannot be read: not JSON, a field missing, or of a newer Sheaf. */
public final class TreeDamagedException extends TreeException {
  private static final long serialVersionUID = 1L;

  public TreeDamagedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
