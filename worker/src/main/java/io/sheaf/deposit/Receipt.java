package io.sheaf.deposit;

import org.jspecify.annotations.Nullable;

/**
 * Told once how a deposit ended, from a thread of the lanes: do little, never wait, never throw.
 *
 * <p>Deposits are written in groups: first each of the group gets its {@link #done}, then each its
 * {@link #groupDone}, so that an answer to many can be sent at once.
 */
public interface Receipt {
  /** The contents are no longer needed. A null failure: the entry has its durability. */
  void done(@Nullable DepositException failure);

  /** All deposits that were written together with this one are done. */
  default void groupDone() {}
}
