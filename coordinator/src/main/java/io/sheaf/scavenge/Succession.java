package io.sheaf.scavenge;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A leader that has died is taken out of the queue, and the next one leads. If locks fail after
 * they were found to work there might be two leaders for a while, who do each other no harm: a
 * leader holds nothing that is not in the files or in ZooKeeper, and what it does there may be done
 * twice.
 */
final class Succession {
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Coordination in;
  private final Deaths deaths;
  private long lookAt;

  Succession(Coordination in, Deaths deaths) {
    this.in = in;
    this.deaths = deaths;
    this.lookAt = in.nanoTime().getAsLong();
  }

  /** For one who does not lead. */
  void look() throws IOException {
    long now = in.nanoTime().getAsLong();
    if (now - lookAt < 0 || !deaths.areSeen()) {
      return;
    }
    lookAt = now + LOOK_NANOS;
    Optional<String> leader = in.tree().currentLeader(in.session());
    if (leader.isPresent()) {
      String id = leader.get();
      deaths.settled(id, "the lead", () -> in.tree().retireLeader(in.session(), id));
    }
  }
}
