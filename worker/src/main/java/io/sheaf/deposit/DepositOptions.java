package io.sheaf.deposit;

import io.sheaf.conf.Durability;
import io.sheaf.zip.Attributes;
import org.jspecify.annotations.Nullable;

/**
 * How to deposit an entry.
 *
 * @param durability to wait for; null for the worker's default
 * @param modified milliseconds since the epoch, or {@link #NOW}
 * @param size of the contents in bytes where it is known before, else {@link #UNKNOWN}; other
 *     contents are then refused
 * @param attributes mode and owner; null for those of a file, or of a directory if the target ends
 *     in a slash, of which nothing is said
 * @param id names the deposit, 1 to 64 of {@code A-Z a-z 0-9 . _ -}: what is deposited again with
 *     the same target and id is in the archive once; null for none
 */
public record DepositOptions(
    @Nullable Durability durability,
    long modified,
    long size,
    @Nullable Attributes attributes,
    @Nullable String id) {
  /** The worker's clock when it gets the entry. */
  public static final long NOW = Long.MIN_VALUE;

  public static final long UNKNOWN = -1;

  public static final DepositOptions DEFAULT = new DepositOptions(null, NOW, UNKNOWN);

  /** Of a plain file, without an id. */
  public DepositOptions(@Nullable Durability durability, long modified, long size) {
    this(durability, modified, size, null, null);
  }

  public DepositOptions withDurability(@Nullable Durability next) {
    return new DepositOptions(next, modified, size, attributes, id);
  }

  public DepositOptions withModified(long millis) {
    return new DepositOptions(durability, millis, size, attributes, id);
  }

  public DepositOptions withSize(long bytes) {
    return new DepositOptions(durability, modified, bytes, attributes, id);
  }

  public DepositOptions withAttributes(@Nullable Attributes next) {
    return new DepositOptions(durability, modified, size, next, id);
  }

  public DepositOptions withId(@Nullable String next) {
    return new DepositOptions(durability, modified, size, attributes, next);
  }
}
