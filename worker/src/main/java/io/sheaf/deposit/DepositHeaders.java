package io.sheaf.deposit;

/** What a PUT to a worker's socket may say of its entry. */
public final class DepositHeaders {
  /** {@code none}, {@code write} or {@code fsync}; the worker's default when missing. */
  public static final String DURABILITY = "X-Sheaf-Durability";

  /** Milliseconds since the epoch, decimal; the worker's clock when missing. */
  public static final String MODIFIED = "X-Sheaf-Modified";

  /** Permission bits, octal, with or without the kind of file; 100644 when missing. */
  public static final String MODE = "X-Sheaf-Mode";

  /** {@code UID:GID}, decimal; not recorded when missing. */
  public static final String OWNER = "X-Sheaf-Owner";

  /** Names the deposit: 1 to 64 of {@code A-Z a-z 0-9 . _ -}; it has no name when missing. */
  public static final String ID = "X-Sheaf-Id";

  /** Of a log: the client would write it to a pipe. */
  public static final String PIPE = "X-Sheaf-Pipe";

  private DepositHeaders() {}
}
