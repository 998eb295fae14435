package io.sheaf.bench;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.Compression;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.LaneDepositor;
import io.sheaf.deposit.LaneOptions;
import io.sheaf.deposit.Lanes;
import io.sheaf.deposit.WorkerId;
import io.sheaf.disk.Disk;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Deposits the members of a plain inbox in their order, as a program with one worker would. */
final class Deposits {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private Deposits() {}

  /**
   * Deposits everything and has all batches sealed.
   *
   * @param rotations how often all batches are closed, evenly spread
   * @return batches made
   */
  static int run(Disk disk, PlainInbox inbox, BaseDirectory base, int maxOpen, int rotations)
      throws IOException {
    AtomicInteger sealed = new AtomicInteger();
    String worker = WorkerId.create().toString();
    try (inbox;
        Lanes lanes =
            new Lanes(
                disk,
                base,
                Batches.SESSION,
                worker,
                options(maxOpen),
                Clock.systemUTC(),
                batch -> sealed.incrementAndGet());
        LaneDepositor depositor = new LaneDepositor(lanes)) {
      int each = (inbox.members().size() + rotations - 1) / rotations;
      int done = 0;
      for (PlainInbox.Member member : inbox.members()) {
        DepositOptions options = DepositOptions.DEFAULT.withModified(member.modified());
        depositor.deposit(member.archive() + "/" + member.name(), member.contents(), options);
        if (++done % each == 0) {
          flush(lanes);
        }
      }
      flush(lanes);
    }
    return sealed.get();
  }

  private static void flush(Lanes lanes) throws IOException {
    if (!lanes.flush(PATIENCE)) {
      throw new IOException("not sealed in time: " + lanes.status());
    }
  }

  /** The defaults of a session. */
  private static LaneOptions options(int maxOpen) {
    return new LaneOptions(
        Compression.STORED,
        Duration.ofMinutes(5),
        256L << 20,
        60_000,
        Durability.WRITE,
        maxOpen,
        256L << 20,
        0,
        false);
  }
}
