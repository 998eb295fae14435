package io.sheaf.deposit;

import io.sheaf.conf.Durability;
import org.jspecify.annotations.Nullable;

/**
 * How to deposit an entry.
 *
 * @param durability to wait for; null for the worker's default
 * @param modified milliseconds since the epoch, or {@link #NOW}
 * @param size of the contents in bytes where it is known before, else {@link #UNKNOWN}; other
 *     contents are then refused
 */
public record DepositOptions(@Nullable Durability durability, long modified, long size) {
  /** The worker's clock when it gets the entry. */
  public static final long NOW = Long.MIN_VALUE;

  public static final long UNKNOWN = -1;

  public static final DepositOptions DEFAULT = new DepositOptions(null, NOW, UNKNOWN);

  public DepositOptions withDurability(@Nullable Durability next) {
    return new DepositOptions(next, modified, size);
  }

  public DepositOptions withModified(long millis) {
    return new DepositOptions(durability, millis, size);
  }

  public DepositOptions withSize(long bytes) {
    return new DepositOptions(durability, modified, bytes);
  }
}
