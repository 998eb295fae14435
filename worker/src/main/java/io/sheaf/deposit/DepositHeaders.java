package io.sheaf.deposit;

/** What a PUT to a worker's socket may say of its entry. */
public final class DepositHeaders {
  /** {@code none}, {@code write} or {@code fsync}; the worker's default when missing. */
  public static final String DURABILITY = "X-Sheaf-Durability";

  /** Milliseconds since the epoch, decimal; the worker's clock when missing. */
  public static final String MODIFIED = "X-Sheaf-Modified";

  private DepositHeaders() {}
}
