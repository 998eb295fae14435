package io.sheaf.deposit;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** How a tar stream is compressed, told by its first bytes. */
final class TarFormat {
  private static final int BUFFER = 64 << 10;
  private static final int LOOKED_AT = 4;

  /** RFC 1952, 2.3.1. */
  private static final int[] GZIP = {0x1F, 0x8B};

  /** RFC 8878, 3.1.1. */
  private static final int[] ZSTD = {0x28, 0xB5, 0x2F, 0xFD};

  private TarFormat() {}

  static InputStream uncompressed(InputStream raw) throws IOException {
    byte[] first = raw.readNBytes(LOOKED_AT);
    InputStream in = new SequenceInputStream(new ByteArrayInputStream(first), raw);
    if (begins(first, GZIP)) {
      // All that was written one after the other; the JDK's may stop where more is to come.
      return GzipCompressorInputStream.builder()
          .setInputStream(new BufferedInputStream(in, BUFFER))
          .setDecompressConcatenated(true)
          .get();
    }
    return begins(first, ZSTD) ? new ZstdInputStream(new BufferedInputStream(in, BUFFER)) : in;
  }

  private static boolean begins(byte[] first, int[] bytes) {
    boolean same = first.length >= bytes.length;
    for (int i = 0; same && i < bytes.length; i++) {
      same = (first[i] & 0xFF) == bytes[i];
    }
    return same;
  }
}
