package io.sheaf.deposit;

import io.sheaf.conf.Durability;
import org.jspecify.annotations.Nullable;

/**
 * How to pick up a file.
 *
 * @param durability to wait for; null for the worker's default
 * @param remove the file, once the entry has that durability
 * @param rules what else than an own file of one name is picked up
 * @param id of the deposit, as in {@link DepositOptions}; null for none
 */
public record PickupOptions(
    @Nullable Durability durability, boolean remove, Confined.Rules rules, @Nullable String id) {

  public PickupOptions(@Nullable Durability durability, boolean remove, Confined.Rules rules) {
    this(durability, remove, rules, null);
  }

  public PickupOptions(@Nullable Durability durability, boolean remove) {
    this(durability, remove, Confined.Rules.STRICT);
  }

  public PickupOptions withId(@Nullable String next) {
    return new PickupOptions(durability, remove, rules, next);
  }

  /** Leaves the file where it is. */
  public static final PickupOptions KEEP = new PickupOptions(null, false);

  /** Removes the file after its contents were synced to the batch. */
  public static final PickupOptions REMOVE = new PickupOptions(Durability.FSYNC, true);
}
