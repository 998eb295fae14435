package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.FileState;
import io.sheaf.disk.InDirectory;
import io.sheaf.disk.Publication;
import io.sheaf.zip.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Puts the ledgers of archives at rest into the one file {@link FoldedLedgers}.
 *
 * <p>The steps, each of which may be the last before a crash, under the lock of the fold:
 *
 * <ol>
 *   <li>The file is written anew: what it held, and in place of that, what the archives' own files
 *       say. No archive is locked for that; one that is merged meanwhile has a newer file of its
 *       own, which is looked for first. A ledger that can be seen is true, durable or not: all that
 *       it tells of was made durable before.
 *   <li>It is synced, gets its name, its directory is synced; the base says that it must be there.
 *   <li>Archive by archive, under its POSIX lock: if there is no journal, and its own file says
 *       what the durable one says, its own file is removed, and then its lock file.
 * </ol>
 */
final class LedgerFold {
  private final Disk disk;
  private final BaseDirectory base;
  private final LedgerStore ledgers;
  private final FoldedLedgers folded;
  private final MergeGuard guard;

  /**
   * @param guard what excludes other folds beside the POSIX lock, asked right before each step that
   *     others see
   */
  LedgerFold(Disk disk, BaseDirectory base, MergeGuard guard) {
    this.disk = disk;
    this.base = base;
    this.ledgers = new LedgerStore(disk, base);
    this.folded = new FoldedLedgers(disk, base);
    this.guard = guard;
  }

  /**
   * Folds what can be folded now; the number of ledgers whose own files are gone. Nothing is done
   * while another process folds.
   *
   * @throws ArchiveDisagreesException when the file that is there is damaged, and stays
   */
  long run() throws IOException {
    if (ledgers.owners().isEmpty() && !wasCutOff()) {
      return 0;
    }
    Optional<DiskLock> taken = InDirectory.tryLock(disk, base.foldLock());
    if (taken.isEmpty()) {
      return 0;
    }
    try (DiskLock lock = taken.get()) {
      MergeGuard both =
          () -> {
            guard.ensureValid();
            lock.ensureValid();
          };
      long removed = fold(both);
      disk.delete(Publication.temporaryOf(base.folded()));
      disk.delete(Publication.temporaryOf(base.file()));
      lock.ensureValid();
      disk.delete(base.foldLock());
      return removed;
    }
  }

  private boolean wasCutOff() throws IOException {
    return disk.stat(Publication.temporaryOf(base.folded())).isPresent()
        || disk.stat(Publication.temporaryOf(base.file())).isPresent();
  }

  private long fold(MergeGuard both) throws IOException {
    SortedSet<String> owners = atRest();
    if (owners.isEmpty()) {
      return 0;
    }
    both.ensureValid();
    // Even if it says all that already: a sync that failed before must not be relied on.
    Publication.replaceLocked(
        disk,
        base.folded(),
        out -> {
          write(out, owners);
          both.ensureValid();
        });
    both.ensureValid();
    base.markFolded(disk);
    return remove(owners);
  }

  /** Those with a file of their own that can be read, and no merge under way. */
  private SortedSet<String> atRest() throws IOException {
    SortedSet<String> found = new TreeSet<>();
    for (String archive : ledgers.owners()) {
      if (!hasJournal(archive) && lineOf(archive).isPresent()) {
        found.add(archive);
      }
    }
    return found;
  }

  /** What an archive's own file says, as a line. */
  private Optional<byte[]> lineOf(String archive) throws IOException {
    try {
      Optional<Ledger> own = ledgers.own(archive);
      return own.isEmpty() ? Optional.empty() : Optional.of(Json.writeLine(own.get()));
    } catch (ArchiveDisagreesException e) {
      return Optional.empty(); // Somebody has to look at it: it stays as it is.
    }
  }

  private static boolean isSame(FoldedLedgers.@Nullable Line line, byte[] own) {
    return line != null
        && line.length() == own.length
        && line.crc() == Crc32c.of(ByteBuffer.wrap(own));
  }

  private void write(DiskFile out, SortedSet<String> owners) throws IOException {
    FoldedLedgers.Known before = folded.known();
    FoldedWriter writer = new FoldedWriter(out, before.fold() + 1);
    SortedSet<String> all = new TreeSet<>(before.lines().keySet());
    all.addAll(owners);
    for (String archive : all) {
      Optional<byte[]> own = owners.contains(archive) ? lineOf(archive) : Optional.empty();
      Optional<byte[]> line = own.isPresent() ? own : folded.line(archive);
      if (line.isPresent()) {
        writer.add(line.get());
      }
    }
    writer.end();
  }

  private long remove(SortedSet<String> owners) throws IOException {
    Map<String, FoldedLedgers.Line> lines = folded.known().lines();
    long removed = 0;
    for (String archive : owners) {
      removed += isRemoved(archive, lines.get(archive)) ? 1 : 0;
    }
    return removed;
  }

  /** Removes an archive's own file if it says what the folded one says. */
  private boolean isRemoved(String archive, FoldedLedgers.@Nullable Line line) throws IOException {
    Optional<DiskLock> taken = InDirectory.tryLock(disk, base.lock(archive));
    if (taken.isEmpty()) {
      return false; // It is being merged: the next fold will find it.
    }
    try (DiskLock lock = taken.get()) {
      // What another node committed before it let go of the lock must be seen now.
      ledgers.revalidate(InDirectory.of(base.journal(archive)));
      ledgers.revalidate(InDirectory.of(base.ledger(archive)));
      boolean same = isAtRest(archive, line);
      lock.ensureValid();
      if (same) {
        disk.delete(base.ledger(archive));
      }
      disk.delete(base.lock(archive));
      return same;
    }
  }

  private boolean isAtRest(String archive, FoldedLedgers.@Nullable Line line) throws IOException {
    Optional<byte[]> own = lineOf(archive);
    if (own.isEmpty() || !isSame(line, own.get()) || hasJournal(archive)) {
      return false;
    }
    Ledger ledger = ledgers.load(archive);
    long length = disk.stat(base.archive(archive)).map(FileState::size).orElse(0L);
    // One that is not as it should be stays as it is, for whoever looks at it.
    return length == ledger.length();
  }

  private boolean hasJournal(String archive) throws IOException {
    return disk.stat(base.journal(archive)).isPresent();
  }
}
