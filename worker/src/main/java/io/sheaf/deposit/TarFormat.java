package io.sheaf.deposit;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** How a tar stream is compressed, told by its first bytes. */
final class TarFormat {
  private static final int BUFFER = 64 << 10;

  /** RFC 1952, 2.3.1. */
  private static final int[] GZIP = {0x1F, 0x8B};

  /** RFC 8878, 3.1.1. */
  private static final int[] ZSTD = {0x28, 0xB5, 0x2F, 0xFD};

  private TarFormat() {}

  static InputStream uncompressed(InputStream raw) throws IOException {
    BufferedInputStream in = new BufferedInputStream(raw, BUFFER);
    if (begins(in, GZIP)) {
      // All that was written one after the other; the JDK's may stop where more is to come.
      return new BufferedInputStream(
          GzipCompressorInputStream.builder()
              .setInputStream(in)
              .setDecompressConcatenated(true)
              .get(),
          BUFFER);
    }
    return begins(in, ZSTD) ? new BufferedInputStream(new ZstdInputStream(in), BUFFER) : in;
  }

  private static boolean begins(InputStream in, int[] bytes) throws IOException {
    in.mark(bytes.length);
    boolean same = true;
    for (int i = 0; same && i < bytes.length; i++) {
      same = in.read() == bytes[i];
    }
    in.reset();
    return same;
  }
}
