package io.sheaf.tree;

import org.jspecify.annotations.Nullable;

/** What is there contradicts what was asked, for example a session with another base directory. */
public class TreeConflictException extends TreeException {
  private static final long serialVersionUID = 1L;

  public TreeConflictException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
