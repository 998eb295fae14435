package io.sheaf.adopt;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchName;
import io.sheaf.batch.ForeignZip;
import io.sheaf.batch.Incoming;
import io.sheaf.batch.MixedFiles;
import io.sheaf.batch.PlainCopy;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.FileState;
import io.sheaf.disk.InDirectory;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Takes a zip of another program out of the directory that it was written to. Each step may be the
 * last before a crash; doing all again from any of them has the same result.
 *
 * <pre>
 * plain          renamed into the inbox, where it lies as a batch of several archives
 * odd or torn    what cannot be read to quarantine; the rest written anew, synced, given its name in
 *                the inbox; then the old file is removed
 * known          in the inbox or merged: removed; set aside when it may be better than that one
 * </pre>
 */
final class Placing {
  private final Disk disk;
  private final BaseDirectory base;
  private final KnownZips known;
  private final MixedFiles files;
  private final Incoming incoming;
  private final Quarantine quarantine;

  /** What was done with a zip. */
  enum Outcome {
    TAKEN,
    /** It was torn, or not every reader would have read it alike. */
    REPAIRED,
    /** It was here before. */
    AGAIN,
    /** It is in quarantine, with a reason. */
    ASIDE
  }

  Placing(Disk disk, BaseDirectory base, KnownZips known, MixedFiles mixed) {
    this.files = mixed;
    this.disk = disk;
    this.base = base;
    this.known = known;
    this.incoming = new Incoming(disk, base);
    this.quarantine = new Quarantine(disk, base);
  }

  private Path mixed() {
    return base.inbox(Manifest.MIXED);
  }

  /**
   * Takes a zip. A plain one that is only renamed is durable under its new name after {@link
   * #sync}.
   */
  Outcome take(Arrival arrival) throws IOException {
    Path zip = arrival.zip();
    FileState seen = arrival.state();
    DiskFile file = arrival.file();
    ForeignZip found = arrival.found();
    BatchName name = BatchName.adopted(found.identity(), arrival.second());
    Optional<Path> there = known.pending(name.worker());
    if (there.isPresent()) {
      return again(zip, seen, file, found.kind(), there.get());
    }
    if (known.isInQuarantine(name.worker())) {
      return setAside(
          zip,
          file,
          "a zip that was merged before, of which something is in quarantine: this copy");
    }
    if (known.isRetired(name.worker())) {
      disk.delete(zip);
      return Outcome.AGAIN;
    }
    Outcome outcome =
        found.kind() == ForeignZip.Kind.PLAIN
            ? rename(arrival, name)
            : rewrite(zip, seen, file, found, name);
    known.placed(name.worker(), mixed().resolve(name.file()));
    return outcome;
  }

  /** A second name of the same file is what a crash left of a rename. */
  private Outcome again(Path zip, FileState seen, DiskFile file, ForeignZip.Kind kind, Path there)
      throws IOException {
    if (disk.stat(there).filter(state -> state.key().equals(seen.key())).isPresent()) {
      disk.syncDirectory(mixed());
      disk.delete(zip);
      return Outcome.AGAIN;
    }
    try (DiskFile other = disk.openForWrite(there)) {
      // Others were written anew, and are known by every byte that they had.
      if (kind == ForeignZip.Kind.PLAIN && !ForeignZip.same(file, other)) {
        return setAside(zip, file, "another zip with the directory of one that is being merged");
      }
      // Whoever put it there may have died before it was durable, and this copy is about to go.
      other.sync();
      disk.syncDirectory(mixed());
    } catch (NoSuchFileException e) {
      // Merged in the meantime, which is durable then.
    }
    disk.delete(zip);
    return Outcome.AGAIN;
  }

  private Outcome setAside(Path zip, DiskFile file, String reason) throws IOException {
    Path kept = base.quarantine(Manifest.MIXED).resolve(String.valueOf(zip.getFileName()));
    if (disk.stat(kept).filter(FileState::isFile).isPresent()) {
      try (DiskFile before = disk.openForRead(kept)) {
        if (ForeignZip.same(file, before)) {
          disk.delete(zip);
          return Outcome.AGAIN;
        }
      }
    }
    quarantine.move(Manifest.MIXED, zip, reason);
    return Outcome.ASIDE;
  }

  private Outcome rename(Arrival arrival, BatchName name) throws IOException {
    Path target = mixed().resolve(name.file());
    FileState state = arrival.state();
    try {
      InDirectory.change(disk, mixed(), () -> disk.rename(arrival.zip(), target));
      files.know(target, state, arrival.found().asMixed(target, name, state.size()));
    } catch (AtomicMoveNotSupportedException e) {
      copy(arrival.zip(), state, arrival.file(), name);
    }
    return Outcome.TAKEN;
  }

  /** From another filesystem. */
  private void copy(Path zip, FileState seen, DiskFile file, BatchName name) throws IOException {
    try (Incoming.Slot slot = incoming.open(name.file())) {
      file.copyTo(slot.file(), 0, 0, seen.size());
      requireUnchanged(zip, seen);
      slot.publish(mixed().resolve(name.file()));
    }
    disk.delete(zip);
  }

  private Outcome rewrite(Path zip, FileState seen, DiskFile file, ForeignZip found, BatchName name)
      throws IOException {
    try (Incoming.Slot slot = incoming.open(name.file())) {
      long entries = new PlainCopy(file, found, slot.file(), keeping(zip, file)).run();
      requireUnchanged(zip, seen);
      if (entries > 0) {
        slot.publish(mixed().resolve(name.file()));
      }
    } catch (BadZipException e) {
      return setAside(zip, file, "a zip that cannot be taken in: " + e.getMessage());
    }
    disk.delete(zip);
    return Outcome.REPAIRED;
  }

  private PlainCopy.Keeping keeping(Path zip, DiskFile file) {
    return (ending, position, length, reason) ->
        quarantine.keep(Manifest.MIXED, zip.getFileName() + ending, file, position, length, reason);
  }

  /** Its writer may be alive after all, and go on: then it is left to the next time. */
  private void requireUnchanged(Path zip, FileState seen) throws IOException {
    if (disk.stat(zip).filter(seen::equals).isEmpty()) {
      throw new IOException(zip + " has changed while it was read: its writer is at work");
    }
  }

  /** Makes durable what was renamed. */
  void sync(Path directory) throws IOException {
    try {
      disk.syncDirectory(mixed());
    } catch (NoSuchFileException e) {
      // All of it is merged, and the directory tidied away.
    }
    disk.syncDirectory(directory);
  }
}
