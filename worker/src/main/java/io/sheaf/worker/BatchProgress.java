package io.sheaf.worker;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.tree.PendingBatch;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Follows batches: to ZooKeeper, and out of the inbox. */
final class BatchProgress implements FlushDoor.Progress {
  private static final long LOOK_MILLIS = 100;

  private final Publisher publisher;
  private final Disk disk;
  private final BaseDirectory base;

  BatchProgress(Publisher publisher, Disk disk, BaseDirectory base) {
    this.publisher = publisher;
    this.disk = disk;
    this.base = base;
  }

  @Override
  public boolean awaitPublished(Duration timeout) throws InterruptedException {
    return publisher.awaitEmpty(timeout);
  }

  /** A batch leaves the inbox when it is merged everywhere, or set aside; nobody tells of that. */
  @Override
  public boolean awaitMerged(List<PendingBatch> batches, Duration timeout)
      throws InterruptedException, IOException {
    long end = System.nanoTime() + timeout.toNanos();
    for (PendingBatch batch : batches) {
      while (disk.stat(base.root().resolve(batch.path())).isPresent()) {
        if (System.nanoTime() >= end) {
          return false;
        }
        Thread.sleep(LOOK_MILLIS);
      }
    }
    return true;
  }
}
