package io.sheaf.scavenge;

import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.FailedBatch;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.PublishedBatches;
import io.sheaf.tree.RefusedManifest;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes away what is published but cannot be trusted: whoever may publish a batch could otherwise
 * have a coordinator open or delete any file. It is noted as failed, and no file is touched. A
 * batch that it stood for is found by the scan of the inbox.
 */
final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

  private final Coordination in;

  Refusals(Coordination in) {
    this.in = in;
  }

  /** Whether an archive of that name may be; else nothing stays published for it. */
  boolean isRefused(String archive) {
    try {
      Target.checkArchive(archive);
      return false;
    } catch (BadTargetException e) {
      drop(in.tree().refusal(in.session(), archive, String.valueOf(e.getMessage())));
      return true;
    }
  }

  /** The batches of an archive that may be trusted. */
  List<PendingBatch> trusted(String archive) {
    PublishedBatches published = in.tree().published(in.session(), ArchiveKey.of(archive));
    published.refused().forEach(this::drop);
    return published.batches();
  }

  /** What is where no archive's batches are. */
  void dropMisplaced() {
    in.tree().misplaced(in.session()).forEach(this::drop);
  }

  /** The note comes first: after a crash in between it is made again. */
  private void drop(RefusedManifest refused) {
    LOG.warn("refused what is published as {}: {}", refused.znode(), refused.reason());
    FailedBatch note =
        new FailedBatch(
            FailedBatch.VERSION,
            refused.archive(),
            refused.znode(),
            "not trusted and removed from ZooKeeper, no file was touched: " + refused.reason(),
            refused.znode(),
            in.id(),
            in.clock().millis());
    in.tree().reportFailed(in.session(), note);
    in.tree().drop(in.session(), refused);
  }
}
