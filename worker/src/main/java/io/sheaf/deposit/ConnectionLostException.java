package io.sheaf.deposit;

import org.jspecify.annotations.Nullable;

/** A connection that ended before the answer came: the deposit may have been taken or not. */
final class ConnectionLostException extends DepositException {
  private static final long serialVersionUID = 1;

  ConnectionLostException(@Nullable Throwable cause) {
    super(
        Kind.UNAVAILABLE,
        "the connection to the worker was lost; entries without an answer may have been taken",
        cause);
  }
}
