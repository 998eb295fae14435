package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import java.io.IOException;

/**
 * How large an archive is, as its ledger says: what a merge into it costs follows from that.
 *
 * @param length of the archive in bytes; 0 when there is none
 * @param directoryLength of its central directory
 */
public record ArchiveExtent(long length, long directoryLength) {
  /** Reads ledgers, and no archives. What another node has just committed may not be seen. */
  public static final class Reader {
    private final LedgerStore ledgers;

    public Reader(Disk disk, BaseDirectory base) {
      ledgers = new LedgerStore(disk, base);
    }

    public ArchiveExtent read(String archive) throws IOException {
      Ledger ledger = ledgers.glance(archive).orElseGet(() -> Ledger.none(archive));
      return new ArchiveExtent(ledger.length(), ledger.length() - ledger.dataLength());
    }
  }
}
