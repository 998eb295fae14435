package io.sheaf.deposit;

import io.sheaf.zip.DepositId;
import org.jspecify.annotations.Nullable;

/**
 * Who has an entry name: the deposits of one id, or one without, or any that make a directory.
 *
 * @param holders open batches and uploads that have it
 */
record TakenName(@Nullable DepositId id, int holders) {
  /** Of one deposit without an id, as most are. */
  static final TakenName PLAIN = new TakenName(null, 1);

  static TakenName by(@Nullable DepositId id) {
    return id == null ? PLAIN : new TakenName(id, 1);
  }

  /** Whether another deposit is the same one, sent again. */
  boolean isSame(@Nullable DepositId other) {
    return other != null && other.equals(id);
  }

  TakenName plus(int more) {
    return new TakenName(id, holders + more);
  }
}
