package io.sheaf.conf;

/** A setting is missing or wrong. The message is one line for the user: what, where, what to do. */
public class ConfException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ConfException(String message) {
    super(message);
  }

  public ConfException(String message, Throwable cause) {
    super(message, cause);
  }
}
