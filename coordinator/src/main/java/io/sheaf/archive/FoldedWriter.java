package io.sheaf.archive;

import io.sheaf.disk.DiskFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Writes {@link FoldedLedgers}, in large pieces; the first line at last, for it sums up the rest.
 */
final class FoldedWriter {
  private static final int PIECE = 64 << 10;
  private static final byte[] NEXT = {',', '\n'};

  private final DiskFile out;
  private final ByteArrayOutputStream piece = new ByteArrayOutputStream();
  private final CRC32C sum = new CRC32C();
  private long at = Json.firstLine(0).length;
  private boolean any;

  FoldedWriter(DiskFile out, long fold) {
    this.out = out;
    piece.writeBytes(FoldedLedgers.secondLine(fold));
  }

  /** Adds a ledger; to be called in the order of their archives. */
  void add(byte[] line) throws IOException {
    if (any) {
      piece.writeBytes(NEXT);
    }
    any = true;
    piece.writeBytes(line);
    if (piece.size() >= PIECE) {
      flush();
    }
  }

  /** Ends the file, which is not synced. */
  void end() throws IOException {
    if (any) {
      piece.write('\n');
    }
    piece.writeBytes(FoldedLedgers.lastLine());
    flush();
    out.write(ByteBuffer.wrap(Json.firstLine((int) sum.getValue())), 0);
  }

  private void flush() throws IOException {
    byte[] bytes = piece.toByteArray();
    piece.reset();
    sum.update(bytes);
    out.write(ByteBuffer.wrap(bytes), at);
    at += bytes.length;
  }
}
