package io.sheaf.scavenge;

import io.sheaf.archive.SessionTotals;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BaseWatch;
import io.sheaf.disk.Disk;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.Tree;
import java.time.Clock;
import java.util.function.LongSupplier;

/**
 * What all parts of one coordinator work with.
 *
 * @param disk one that does nothing by name while the base directory is away
 * @param session its name
 * @param created when the session was: its name may be given to another one after it
 * @param id of this coordinator, {@code <host>-<pid>-<incarnation>}
 * @param clock for what is written down
 * @param nanoTime for intervals: a wall clock that jumps must not make a worker look dead
 */
record Coordination(
    Tree tree,
    Disk disk,
    BaseDirectory base,
    BaseWatch watch,
    String session,
    long created,
    String id,
    Clock clock,
    LongSupplier nanoTime) {

  /** Whether this is the session that was joined, and not a later one of the same name. */
  boolean isOurs(SessionRecord record) {
    return record.created() == created;
  }

  /** What the ledgers keep the session's totals under. */
  String totals() {
    return SessionTotals.key(session, created);
  }
}
