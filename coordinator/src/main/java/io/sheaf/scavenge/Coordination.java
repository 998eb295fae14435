package io.sheaf.scavenge;

import io.sheaf.archive.SessionTotals;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.tree.Tree;
import java.time.Clock;
import java.util.function.LongSupplier;

/**
 * What all parts of one coordinator work with.
 *
 * @param created when the session was, in milliseconds since the epoch
 * @param id of this coordinator, {@code <host>-<pid>-<incarnation>}
 * @param clock for what is written down
 * @param nanoTime for intervals: a wall clock that jumps must not make a worker look dead
 */
record Coordination(
    Tree tree,
    Disk disk,
    BaseDirectory base,
    String session,
    long created,
    String id,
    Clock clock,
    LongSupplier nanoTime) {

  /** Under what the totals of this session are kept. */
  String totalsKey() {
    return SessionTotals.key(session, created);
  }
}
