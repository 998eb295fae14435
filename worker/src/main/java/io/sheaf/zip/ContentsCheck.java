package io.sheaf.zip;

import io.sheaf.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Reads the contents of entries and says whether they are what their header promises. */
public final class ContentsCheck {
  private static final int PIECE = 256 << 10;

  private final ByteBuffer in = ByteBuffer.allocate(PIECE);
  private final byte[] out = new byte[PIECE];

  /** Whether size and CRC-32 of the contents hold. */
  public boolean holds(
      DiskFile file, long position, int method, long compressedSize, long size, int crc)
      throws IOException {
    return switch (method) {
      case ZipFormat.STORED ->
          compressedSize == size && storedCrc(file, position, compressedSize) == crc;
      case ZipFormat.DEFLATED -> inflates(file, position, compressedSize, size, crc);
      default -> false;
    };
  }

  /**
   * What an entry holds.
   *
   * @param compressedSize bytes in the file
   * @param size bytes of the contents
   * @param crc CRC-32 of the contents
   */
  public record Contents(long compressedSize, long size, int crc) {}

  /**
   * What the deflated contents are that begin at a position, which alone tell their end.
   *
   * @return empty when they are damaged, or do not end within so many bytes
   */
  public Optional<Contents> inflated(DiskFile file, long position, long within) throws IOException {
    Inflater inflater = new Inflater(true);
    CRC32 sum = new CRC32();
    try {
      for (long done = 0; done < within && !inflater.finished(); done += in.limit()) {
        fill(file, position + done, within - done);
        inflater.setInput(in.duplicate());
        for (int n = inflater.inflate(out); n > 0; n = inflater.inflate(out)) {
          sum.update(out, 0, n);
        }
      }
      return inflater.finished()
          ? Optional.of(
              new Contents(
                  inflater.getBytesRead(), inflater.getBytesWritten(), (int) sum.getValue()))
          : Optional.empty();
    } catch (DataFormatException e) {
      return Optional.empty();
    } finally {
      inflater.end();
    }
  }

  private int storedCrc(DiskFile file, long position, long length) throws IOException {
    CRC32 sum = new CRC32();
    for (long done = 0; done < length; done += in.limit()) {
      fill(file, position + done, length - done);
      sum.update(in);
    }
    return (int) sum.getValue();
  }

  private void fill(DiskFile file, long position, long left) throws IOException {
    in.clear().limit((int) Math.min(PIECE, left));
    file.readFully(in, position);
    in.flip();
  }

  private boolean inflates(DiskFile file, long position, long length, long size, int crc)
      throws IOException {
    Inflater inflater = new Inflater(true);
    CRC32 sum = new CRC32();
    try {
      for (long done = 0; done < length && !inflater.finished(); done += in.limit()) {
        fill(file, position + done, length - done);
        inflater.setInput(in.duplicate());
        for (int n = inflater.inflate(out); n > 0; n = inflater.inflate(out)) {
          sum.update(out, 0, n);
          if (inflater.getBytesWritten() > size) {
            return false;
          }
        }
      }
      return inflater.finished()
          && inflater.getBytesRead() == length
          && inflater.getBytesWritten() == size
          && (int) sum.getValue() == crc;
    } catch (DataFormatException e) {
      return false;
    } finally {
      inflater.end();
    }
  }
}
