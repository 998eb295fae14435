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
  /** Reads the ledger of an archive, and not the archive. */
  public static ArchiveExtent of(Disk disk, BaseDirectory base, String archive) throws IOException {
    Ledger ledger = new LedgerStore(disk, base).load(archive);
    return new ArchiveExtent(ledger.length(), ledger.length() - ledger.dataLength());
  }
}
