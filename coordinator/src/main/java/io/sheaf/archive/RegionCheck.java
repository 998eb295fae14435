package io.sheaf.archive;

import io.sheaf.batch.BatchFile;
import io.sheaf.disk.DiskFile;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.LocalHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Holds every local header of a batch against its directory while the region is copied: each entry
 * must begin where the one before ended, from the first byte of the region to the last.
 */
final class RegionCheck implements Staging.PieceCheck {
  private final DiskFile file;
  private final long region;
  private final DirectoryCursor entry;
  private final LocalHeader local = new LocalHeader();
  private long expected;
  private boolean more;
  private boolean sawId;
  private @Nullable String problem;

  RegionCheck(DiskFile file, BatchFile batch) throws IOException {
    this.file = file;
    this.region = batch.manifest().region();
    this.entry = new DirectoryCursor(batch.directory());
    this.more = entry.next();
  }

  @Override
  public void see(ByteBuffer piece, long position) throws IOException {
    long end = position + piece.limit();
    while (more && problem == null && entry.offset() < end) {
      if (entry.offset() != expected) {
        problem = "the entries do not lie one after the other";
        return;
      }
      problem = checkHeader(piece, (int) (entry.offset() - position));
      if (problem == null) {
        expected += local.length() + entry.compressedSize();
        more = entry.next();
      }
    }
  }

  private @Nullable String checkHeader(ByteBuffer piece, int at) throws IOException {
    LocalHeader.Found found = local.read(piece, at);
    if (found == LocalHeader.Found.PARTIAL) {
      found = local.read(whole(), 0);
    }
    String refusal = EntryGate.refusesLocal(found, local, entry);
    sawId |= refusal == null && local.depositId() != null;
    return refusal;
  }

  /** A header that lies on the border of two pieces. */
  private ByteBuffer whole() throws IOException {
    long left = Math.max(0, region - entry.offset());
    ByteBuffer header = ByteBuffer.allocate((int) Math.min(LocalHeader.LONGEST, left));
    file.readFully(header, entry.offset());
    return header.flip();
  }

  /** Whether an entry has the id of a deposit. */
  boolean sawId() {
    return sawId;
  }

  /** Whether every header was seen and found right. */
  boolean passed() {
    return problem == null && !more && expected == region;
  }
}
