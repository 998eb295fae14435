package io.sheaf.adopt;

import java.io.IOException;

/** What was brought is damaged or no such file; nothing was taken, the sender keeps it. */
public final class RefusedException extends IOException {
  private static final long serialVersionUID = 1;

  RefusedException(String message) {
    super(message);
  }
}
