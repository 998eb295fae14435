package io.sheaf.deposit;

import io.sheaf.zip.DepositId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The batches of one archive: which are idle, the next sequence number, which names are taken; and
 * in how many open batches of several archives it has a part.
 */
final class ArchiveBatches {
  private final String archive;
  private final Deque<OpenBatch> idle = new ArrayDeque<>();
  private final PriorityQueue<Long> spare = new PriorityQueue<>();
  private final Map<String, TakenName> names = new ConcurrentHashMap<>();
  private long last;

  /** Changed under the pool's lock. */
  private volatile int shared;

  private volatile boolean ownRequired;

  ArchiveBatches(String archive) {
    this.archive = archive;
  }

  String archive() {
    return archive;
  }

  /**
   * Takes an entry name; false when an open batch, or an upload that goes on, has it, and it is not
   * for the same deposit. Directories are everybody's. Who has taken a name must free it once.
   */
  boolean takeName(String name, @Nullable DepositId id) {
    TakenName there = names.putIfAbsent(name, TakenName.by(id));
    while (there != null) {
      if (!there.isSame(id) && !name.endsWith("/")) {
        return false;
      }
      if (names.replace(name, there, there.plus(1))) {
        return true;
      }
      there = names.putIfAbsent(name, TakenName.by(id));
    }
    return true;
  }

  void freeName(String name) {
    names.computeIfPresent(name, (same, there) -> there.holders() == 1 ? null : there.plus(-1));
  }

  /** Whether an open batch of several archives has a part of this one. */
  boolean isShared() {
    return shared > 0;
  }

  /** Says that some entry must have a batch of the archive's own, however many are open. */
  void requireOwn() {
    ownRequired = true;
  }

  boolean isOwnRequired() {
    return ownRequired;
  }

  // Below: under the pool's lock.

  @Nullable OpenBatch pollIdle() {
    return idle.pollFirst();
  }

  /** The last one given back is the first to be used, so that the others come to rest. */
  void addIdle(OpenBatch batch) {
    idle.addFirst(batch);
  }

  void removeIdle(OpenBatch batch) {
    idle.remove(batch);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  void share(int more) {
    shared += more;
  }

  /** A number without a batch would look like a lost one, so unused ones are given out first. */
  long nextSeq() {
    Long free = spare.poll();
    return free != null ? free : ++last;
  }

  void returnSeq(long seq) {
    spare.add(seq);
  }
}
