package io.sheaf.tree;

import org.jspecify.annotations.Nullable;

/** The session does not exist, or no more. */
public final class NoSuchSessionException extends TreeException {
  private static final long serialVersionUID = 1L;
  private final String session;

  public NoSuchSessionException(String session, @Nullable Throwable cause) {
    super("no session \"" + session + "\": check the name and --root, or start a worker", cause);
    this.session = session;
  }

  /** With a message that says more. */
  public NoSuchSessionException(String session, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.session = session;
  }

  public String session() {
    return session;
  }
}
