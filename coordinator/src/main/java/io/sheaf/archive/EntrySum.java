package io.sheaf.archive;

import io.sheaf.batch.BatchFile;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.ZipFormat;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * Whether the bytes of a part are what they were when it was written, seen on their way. A batch of
 * Sheaf's own has a sum over all of them. A zip of another program has the CRC-32 of each entry:
 * that is compared where contents are stored. Deflated ones are not inflated for it, as they go in
 * as they stand.
 */
final class EntrySum {
  private final boolean summed;
  private final int wanted;
  private final CRC32 contents = new CRC32();
  private int crc;
  private boolean holds = true;

  EntrySum(BatchFile batch) {
    this.summed = batch.isSummed();
    this.wanted = batch.manifest().crc32c();
  }

  /** An entry as a whole, from the first byte of the buffer to its limit: header and contents. */
  void add(ByteBuffer entry, int header, DirectoryCursor record) {
    if (summed) {
      int length = entry.limit();
      crc = Crc32c.combine(crc, Crc32c.of(entry.position(0)), length);
    } else if (record.method() == ZipFormat.STORED) {
      contents.reset();
      contents.update(entry.position(header));
      end(record);
    }
  }

  /** The header of an entry whose contents come in pieces. */
  void addHeader(ByteBuffer header) {
    int length = header.remaining();
    if (summed) {
      crc = Crc32c.combine(crc, Crc32c.of(header), length);
    }
    contents.reset();
  }

  /** The next piece of the contents. */
  void see(ByteBuffer piece) {
    if (!summed) {
      contents.update(piece.duplicate());
    }
  }

  /** The end of the contents, whose CRC32C is known. */
  void addContents(int contentsCrc, DirectoryCursor record) {
    if (summed) {
      crc = Crc32c.combine(crc, contentsCrc, record.compressedSize());
    } else {
      end(record);
    }
  }

  private void end(DirectoryCursor record) {
    holds &= record.method() != ZipFormat.STORED || (int) contents.getValue() == record.crc();
  }

  /** False when anything seen so far is not as it was. */
  boolean holdsSoFar() {
    return holds;
  }

  /** Whether all of it is as it was. */
  boolean holds() {
    return summed ? crc == wanted : holds;
  }
}
