package io.sheaf.batch;

/**
 * A name that no archive may hold. The message is one line that says why; trying again is no use.
 */
public final class BadTargetException extends Exception {
  private static final long serialVersionUID = 1;

  public BadTargetException(String reason) {
    super(reason);
  }
}
