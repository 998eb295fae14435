package io.sheaf.scavenge;

import io.sheaf.disk.DiskLock;
import io.sheaf.tree.LockSupport;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees that a coordinator has died, seconds before ZooKeeper does: a process that lives holds the
 * lock of its member file, paused or cut off too. Only where locks were found to work, or of one
 * whose lock was held when this coordinator tried it before: so locks work between these two.
 */
final class Deaths {
  private static final Logger LOG = LoggerFactory.getLogger(Deaths.class);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(900);

  private final Coordination in;
  private final Supplier<LockSupport> locks;

  /** When each was seen alive last. */
  private final Map<String, Long> alive = new ConcurrentHashMap<>();

  Deaths(Coordination in, Supplier<LockSupport> locks) {
    this.in = in;
    this.locks = locks;
  }

  /** Whether anything can be told. */
  boolean areSeen() {
    return !locks.get().isBroken();
  }

  /**
   * Does something in place of a coordinator that is dead, while its lock is held: so nobody with
   * its id can come to be meanwhile. One that was seen alive is not looked at for most of a second.
   *
   * @param id of another coordinator
   * @param what it left, for the log
   * @return whether that was done
   */
  boolean settled(String id, String what, Runnable then) throws IOException {
    if (!areSeen() || id.equals(in.id()) || wasAlive(id)) {
      return false;
    }
    Optional<DiskLock> lock = in.disk().tryLockExisting(in.base().member(id));
    if (lock.isEmpty()) {
      noteAlive(id);
      return false;
    }
    try (DiskLock held = lock.get()) {
      if (locks.get() != LockSupport.WORK && !alive.containsKey(id)) {
        return false; // It may be alive and hold a lock that excludes nobody.
      }
      held.ensureValid();
      LOG.warn("{} is dead, its lock is free: taking {} from it", id, what);
      then.run();
      return true;
    }
  }

  /** No file is no sign of life. */
  private void noteAlive(String id) throws IOException {
    if (in.disk().stat(in.base().member(id)).isPresent()) {
      alive.put(id, in.nanoTime().getAsLong());
    }
  }

  private boolean wasAlive(String id) {
    Long seen = alive.get(id);
    return seen != null && in.nanoTime().getAsLong() - seen < LOOK_NANOS;
  }
}
