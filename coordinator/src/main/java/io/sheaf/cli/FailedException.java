package io.sheaf.cli;

/** A command has failed; the message is one line with the remedy. */
final class FailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;

  FailedException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** What the process ends with. */
  int status() {
    return status;
  }
}
