package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.InDirectory;
import io.sheaf.disk.Publication;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The journals of a base directory: at most one an archive. */
final class JournalStore {
  private final Disk disk;
  private final BaseDirectory base;

  JournalStore(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
  }

  Optional<Journal> find(String archive) throws IOException {
    Path file = base.journal(archive);
    Optional<byte[]> json = disk.readIfPresent(file);
    return json.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Json.read(json.get(), Journal.class, file, Journal.VERSION, Journal::version));
  }

  /** When this returns, the journal is durable. */
  void write(Journal journal) throws IOException {
    Path file = base.journal(journal.ledger().archive());
    byte[] json = Json.write(journal);
    InDirectory.change(
        disk, InDirectory.of(file), () -> Publication.replaceLocked(disk, file, json));
  }

  void drop(String archive) throws IOException {
    disk.delete(base.journal(archive));
  }
}
