package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchName;
import io.sheaf.batch.DamagedBatch;
import io.sheaf.batch.MixedFile;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.tree.Manifest;
import java.io.IOException;

/** What the ledgers say was merged, for those who are about to say so to others. */
public final class Consumed {
  private final Disk disk;
  private final BaseDirectory base;
  private final LedgerStore ledgers;

  public Consumed(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
    this.ledgers = new LedgerStore(disk, base);
  }

  /**
   * Whether a batch of one archive was merged whole. When it says so, that is durable.
   *
   * @throws ArchiveDisagreesException when nobody can say: the ledger is damaged
   */
  public boolean has(Manifest batch) throws IOException {
    boolean merged =
        ledgers.load(batch.archive()).hasConsumed(batch.worker(), batch.seq())
            && !(batch.salvaged() == null && wasDamaged(batch));
    if (merged) {
      ledgers.syncSeen(batch.archive());
    }
    return merged;
  }

  /** Whether all parts of a batch of several archives were merged. When it says so, durably. */
  public boolean has(MixedFile batch) throws IOException {
    for (String archive : batch.archives()) {
      long seq = batch.seq(archive).orElseThrow();
      if (!ledgers.load(archive).hasConsumed(batch.manifest().worker(), seq)) {
        return false;
      }
    }
    ledgers.syncSeen(batch.archives());
    return true;
  }

  /** Then it was merged in part, and the rest is in no archive. */
  private boolean wasDamaged(Manifest batch) throws IOException {
    String file = new BatchName(batch.worker(), batch.seq()).file();
    return new Quarantine(disk, base).holds(batch.archive(), file + DamagedBatch.DAMAGED);
  }
}
