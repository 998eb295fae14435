package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.InDirectory;
import io.sheaf.disk.Publication;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The ledgers of a base directory: a file for each archive that was merged lately, and one file for
 * all that are at rest. An archive's own file is at least as new as what the other says of it, so
 * it is looked for first.
 */
final class LedgerStore {
  private static final String ENDING = ".zip.json";

  private final Disk disk;
  private final BaseDirectory base;
  private final FoldedLedgers folded;

  LedgerStore(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
    this.folded = new FoldedLedgers(disk, base);
  }

  /** The ledger of an archive, that of epoch 0 and no bytes if it has none. */
  Ledger load(String archive) throws IOException {
    return find(archive).orElseGet(() -> Ledger.none(archive));
  }

  Optional<Ledger> find(String archive) throws IOException {
    Optional<Ledger> own = own(archive);
    if (own.isEmpty()) {
      // Another node may have written it, and this one remember that it was not there.
      revalidate(InDirectory.of(base.ledger(archive)));
      own = own(archive);
    }
    // In this order: a fold removes the own file last.
    return own.isPresent() ? own : folded.find(archive);
  }

  /**
   * As {@link #find}, for who can do with an older answer, or with none where there is one that
   * another node has just written.
   */
  Optional<Ledger> glance(String archive) throws IOException {
    Optional<Ledger> own = own(archive);
    return own.isPresent() ? own : folded.glance(archive);
  }

  /** What an archive's own file says. */
  Optional<Ledger> own(String archive) throws IOException {
    Path file = base.ledger(archive);
    Optional<byte[]> json = disk.readIfPresent(file);
    if (json.isEmpty()) {
      return Optional.empty();
    }
    Ledger ledger = Json.read(json.get(), Ledger.class, file, Ledger.VERSION, Ledger::version);
    if (!ledger.archive().equals(archive)) {
      throw new ArchiveDisagreesException(
          file + " is the ledger of " + ledger.archive() + ": move it to its place", null);
    }
    return Optional.of(ledger);
  }

  /** Looks anew at a directory below {@code .sheaf}, from there on down. */
  void revalidate(Path directory) throws IOException {
    if (directory.startsWith(base.sheaf())) {
      revalidate(InDirectory.of(directory));
      disk.revalidate(directory);
    }
  }

  /** Commits: when this returns, the ledger is durable. */
  void commit(Ledger ledger) throws IOException {
    Path file = base.ledger(ledger.archive());
    byte[] json = Json.write(ledger);
    InDirectory.change(
        disk, InDirectory.of(file), () -> Publication.replaceLocked(disk, file, json));
  }

  void syncSeen(String archive) throws IOException {
    syncSeen(List.of(archive));
  }

  /**
   * Makes durable what was seen of the ledgers of some archives: whoever wrote them may have died
   * before that.
   */
  void syncSeen(Collection<String> archives) throws IOException {
    Set<Path> directories = new TreeSet<>();
    archives.forEach(archive -> directories.add(InDirectory.of(base.ledger(archive))));
    for (Path directory : directories) {
      try {
        disk.syncDirectory(directory);
      } catch (NoSuchFileException e) {
        // None of the archives has a file of its own there any more.
      }
    }
    if (disk.stat(base.folded()).isPresent()) {
      disk.syncDirectory(base.sheaf());
    }
  }

  /** The archives that have a ledger. */
  SortedSet<String> archives() throws IOException {
    SortedSet<String> found = owners();
    found.addAll(folded.archives());
    return found;
  }

  /** The archives that have a file of their own. */
  SortedSet<String> owners() throws IOException {
    SortedSet<String> found = new TreeSet<>();
    walk("", found);
    return found;
  }

  private void walk(String prefix, SortedSet<String> found) throws IOException {
    for (String name : disk.list(base.ledgers().resolve(prefix))) {
      if (name.endsWith(ENDING)) {
        found.add(prefix + name.substring(0, name.length() - ".json".length()));
      } else if (!name.contains(ENDING)) {
        walk(prefix + name + "/", found);
      }
    }
  }
}
