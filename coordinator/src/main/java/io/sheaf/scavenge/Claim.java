package io.sheaf.scavenge;

import io.sheaf.archive.MergeGuard;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.InDirectory;
import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeClaim;
import io.sheaf.tree.TreeException;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The exclusive right to merge into one archive: a lock in ZooKeeper, and a POSIX lock, which a
 * paused process still holds when its ZooKeeper session has expired.
 */
final class Claim implements MergeGuard, AutoCloseable {
  private final TreeClaim inTree;
  private final DiskLock onDisk;
  private final BooleanSupplier abandon;
  private final boolean alone;

  private Claim(TreeClaim inTree, DiskLock onDisk, BooleanSupplier abandon, boolean alone) {
    this.inTree = inTree;
    this.onDisk = onDisk;
    this.abandon = abandon;
    this.alone = alone;
  }

  /**
   * Takes both locks if nobody has either, without waiting.
   *
   * @param abandon when true the claim is no longer confirmed, so that a merge ends before its next
   *     commit
   * @param alone whether the lock in ZooKeeper is all that counts, since POSIX locks are worth too
   *     little here: then it is looked at anew for each confirmation, past what a server that lags
   *     behind would say
   */
  static Optional<Claim> tryTake(
      Tree tree,
      Disk disk,
      BaseDirectory base,
      String archive,
      String holder,
      BooleanSupplier abandon,
      boolean alone)
      throws IOException {
    Optional<TreeClaim> inTree = tree.tryClaim(base.id(), ArchiveKey.of(archive), holder);
    if (inTree.isEmpty()) {
      return Optional.empty();
    }
    boolean taken = false;
    try {
      Optional<DiskLock> onDisk = InDirectory.tryLock(disk, base.lock(archive));
      taken = onDisk.isPresent();
      return onDisk.map(lock -> new Claim(inTree.get(), lock, abandon, alone));
    } finally {
      if (!taken) {
        inTree.get().close();
      }
    }
  }

  @Override
  public void ensureValid() throws IOException {
    if (abandon.getAsBoolean()) {
      throw new ClaimInDoubtException("this coordinator is leaving");
    }
    try {
      if (alone) {
        inTree.ensureValidNow();
      } else {
        inTree.ensureValid();
      }
    } catch (TreeException e) {
      throw new ClaimInDoubtException(String.valueOf(e.getMessage()), e);
    }
    onDisk.ensureValid();
  }

  @Override
  public void close() throws IOException {
    try {
      onDisk.close();
    } finally {
      inTree.close();
    }
  }
}
