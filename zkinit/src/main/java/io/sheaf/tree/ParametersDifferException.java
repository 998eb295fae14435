package io.sheaf.tree;

import io.sheaf.conf.ConfException;

/** A member brought other parameters than the session was created with. */
public final class ParametersDifferException extends ConfException {
  private static final long serialVersionUID = 1L;

  ParametersDifferException(String message) {
    super(message);
  }
}
