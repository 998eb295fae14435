package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.Publication;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** The ledgers of a base directory. */
final class LedgerStore {
  private static final String ENDING = ".zip.json";

  private final Disk disk;
  private final BaseDirectory base;

  LedgerStore(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
  }

  /** The ledger of an archive, that of epoch 0 and no bytes if it has none. */
  Ledger load(String archive) throws IOException {
    return find(archive).orElseGet(() -> Ledger.none(archive));
  }

  Optional<Ledger> find(String archive) throws IOException {
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

  /** Commits: when this returns, the ledger is durable. */
  void commit(Ledger ledger) throws IOException {
    Path file = base.ledger(ledger.archive());
    disk.createDirectories(file.resolveSibling(".").normalize());
    Publication.replaceLocked(disk, file, Json.write(ledger));
  }

  /** The archives that have a ledger. */
  SortedSet<String> archives() throws IOException {
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
