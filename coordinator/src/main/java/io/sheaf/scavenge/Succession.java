package io.sheaf.scavenge;

import io.sheaf.disk.DiskLock;
import io.sheaf.tree.LockSupport;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees that the leader has died, seconds before ZooKeeper does: a process that lives holds the lock
 * of its member file, paused or cut off too. One whose lock is free is taken out of the queue, and
 * the next one leads. Only where locks were found to work; if they failed after that there might be
 * two leaders for a while, who do each other no harm: a leader holds nothing that is not in the
 * files or in ZooKeeper, and what it does there may be done twice.
 */
final class Succession {
  private static final Logger LOG = LoggerFactory.getLogger(Succession.class);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Coordination in;
  private final Supplier<LockSupport> locks;
  private long lookAt;

  Succession(Coordination in, Supplier<LockSupport> locks) {
    this.in = in;
    this.locks = locks;
    this.lookAt = in.nanoTime().getAsLong();
  }

  /** For one who does not lead. */
  void look() throws IOException {
    long now = in.nanoTime().getAsLong();
    if (now - lookAt < 0 || locks.get() != LockSupport.WORK) {
      return;
    }
    lookAt = now + LOOK_NANOS;
    Optional<String> leader = in.tree().currentLeader(in.session());
    if (leader.isPresent() && !leader.get().equals(in.id())) {
      retireIfDead(leader.get());
    }
  }

  private void retireIfDead(String leader) throws IOException {
    Optional<DiskLock> lock = in.disk().tryLockExisting(in.base().member(leader));
    if (lock.isPresent()) {
      try (DiskLock held = lock.get()) {
        held.ensureValid();
        LOG.warn("the leader {} is dead: its lock is free", leader);
        in.tree().retireLeader(in.session(), leader);
      }
    }
  }
}
