package io.sheaf.deposit;

import java.io.IOException;
import java.util.List;

/**
 * The contents of an entry that are in an append log too, which counts until the batch of the entry
 * is durable: whoever finds both after a crash takes one.
 */
interface Kept {
  /** The entry is in an open batch from now on, whatever its deposit says of durability. */
  void taken();

  Keeper keeper();

  /** Who has the logs. */
  interface Keeper {
    /**
     * Says in the logs, durably, that these count no more. Their batch is durable, and nobody but
     * its worker sees it yet. Doing it again changes nothing.
     */
    void settle(List<Kept> all) throws IOException;
  }
}
