package io.sheaf.archive;

import io.sheaf.batch.BatchFile;
import io.sheaf.batch.BatchName;
import io.sheaf.batch.DamagedBatch;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.tree.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sorts the batches of an archive by what they say they are, worker and number. Of several that say
 * the same one is merged: one whose sum holds. What was merged before is not merged again.
 */
final class Copies {
  /** Bytes of directories that are kept; those of further batches are read again. */
  private static final long KEPT = 64 << 20;

  private final Disk disk;
  private final Quarantine quarantine;
  private final Ledger ledger;
  private final Map<MergeOutcome.Settled, List<BatchFile>> byId = new LinkedHashMap<>();
  private long kept;

  Copies(Disk disk, Quarantine quarantine, Ledger ledger) {
    this.disk = disk;
    this.quarantine = quarantine;
    this.ledger = ledger;
  }

  static MergeOutcome.Settled idOf(BatchFile batch) {
    return new MergeOutcome.Settled(batch.manifest().worker(), batch.manifest().seq());
  }

  void add(BatchFile batch) {
    kept += batch.directory().remaining();
    BatchFile listed = kept > KEPT ? batch.listed() : batch;
    byId.computeIfAbsent(idOf(batch), id -> new ArrayList<>()).add(listed);
  }

  /** Whether a batch was found here, or merged before. */
  boolean knows(MergeOutcome.Settled id) {
    return byId.containsKey(id) || ledger.hasConsumed(id.worker(), id.seq());
  }

  /** Puts each batch where it belongs. */
  void settle(PendingFiles found) throws IOException {
    for (Map.Entry<MergeOutcome.Settled, List<BatchFile>> same : byId.entrySet()) {
      found.settled().add(same.getKey());
      if (ledger.hasConsumed(same.getKey().worker(), same.getKey().seq())) {
        for (BatchFile batch : same.getValue()) {
          settleConsumed(batch, found);
        }
      } else {
        choose(same.getValue(), found);
      }
    }
  }

  /** One that was merged in part, and now is here whole, has what is in no archive yet. */
  private void settleConsumed(BatchFile batch, PendingFiles found) throws IOException {
    String damaged = fileOf(batch) + DamagedBatch.DAMAGED;
    if (batch.manifest().salvaged() == null && quarantine.holds(ledger.archive(), damaged)) {
      setAside(
          batch,
          "a batch that was merged in part, from the damaged copy " + damaged + " beside this one",
          found);
    } else {
      found.consumed().add(batch);
    }
  }

  private void choose(List<BatchFile> copies, PendingFiles found) throws IOException {
    BatchFile chosen = copies.size() == 1 ? copies.get(0) : best(copies);
    for (BatchFile other : copies) {
      if (other.path().equals(chosen.path())) {
        found.fresh().add(chosen);
      } else if (isCopy(other.manifest(), chosen.manifest())) {
        found.consumed().add(other);
      } else {
        setAside(
            other,
            "another batch than "
                + chosen.path().getFileName()
                + ", which says too that it is number "
                + chosen.manifest().seq()
                + " of "
                + chosen.manifest().worker(),
            found);
      }
    }
  }

  private BatchFile best(List<BatchFile> copies) throws IOException {
    List<BatchFile> sorted = new ArrayList<>(copies);
    sorted.sort(
        Comparator.comparing((BatchFile b) -> b.manifest().salvaged() != null)
            .thenComparing(b -> !String.valueOf(b.path().getFileName()).equals(fileOf(b)))
            .thenComparing(b -> String.valueOf(b.path())));
    for (BatchFile batch : sorted) {
      if (holds(batch)) {
        return batch;
      }
    }
    return sorted.get(0);
  }

  private boolean holds(BatchFile batch) throws IOException {
    try (DiskFile file = disk.openForRead(batch.path())) {
      return ArchiveFile.crc(file, 0, batch.manifest().region()) == batch.manifest().crc32c();
    }
  }

  private static boolean isCopy(Manifest a, Manifest b) {
    return a.region() == b.region() && a.crc32c() == b.crc32c() && a.entries() == b.entries();
  }

  private static String fileOf(BatchFile batch) {
    return new BatchName(batch.manifest().worker(), batch.manifest().seq()).file();
  }

  private void setAside(BatchFile batch, String reason, PendingFiles found) throws IOException {
    Path path = batch.path();
    found.quarantined().add(quarantine.move(ledger.archive(), path, reason));
  }
}
