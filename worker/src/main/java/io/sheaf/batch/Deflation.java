package io.sheaf.batch;

import java.nio.ByteBuffer;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Deflates contents that are in memory. Each thread keeps a deflater: to make one costs more than
 * to deflate a small entry.
 */
final class Deflation {
  /** Of contents that are longer, so much is tried first where it may not be worth it. */
  static final int PROBE = 64 << 10;

  /** Deflate adds at most this to what does not shrink, for contents that fit in memory. */
  private static final int SLACK = 64;

  /** By level, from -1. One whose level is changed may deflate what follows by the old one. */
  private static final ThreadLocal<@Nullable Deflater[]> DEFLATERS =
      ThreadLocal.withInitial(() -> new Deflater[Deflater.BEST_COMPRESSION + 2]);

  private static final ThreadLocal<ByteBuffer> PROBES =
      ThreadLocal.withInitial(() -> ByteBuffer.allocate(PROBE + SLACK));

  private Deflation() {}

  /** The contents deflated, or the same buffer where that is not worth it. */
  static ByteBuffer of(ByteBuffer contents, Compression compression) {
    int size = contents.remaining();
    boolean unsure = compression == Compression.AUTO && size > PROBE;
    if (!compression.deflates() || (unsure && !isWorth(contents.slice(0, PROBE), compression))) {
      return contents;
    }
    ByteBuffer out = ByteBuffer.allocate(size + SLACK);
    boolean complete = deflate(contents, compression, out);
    return complete && compression.isWorth(out.position(), size) ? out.flip() : contents;
  }

  /** Whether contents of at most {@link #PROBE} bytes are worth it, and so what is like them. */
  static boolean isWorth(ByteBuffer probe, Compression compression) {
    ByteBuffer out = PROBES.get().clear();
    return deflate(probe, compression, out)
        && compression.isWorth(out.position(), probe.remaining());
  }

  private static boolean deflate(ByteBuffer contents, Compression compression, ByteBuffer out) {
    Deflater deflater = deflater(compression.level());
    deflater.reset();
    deflater.setInput(contents.duplicate());
    deflater.finish();
    deflater.deflate(out);
    return deflater.finished();
  }

  private static Deflater deflater(int level) {
    @Nullable Deflater[] deflaters = DEFLATERS.get();
    Deflater known = deflaters[level + 1];
    if (known == null) {
      known = new Deflater(level, true);
      deflaters[level + 1] = known;
    }
    return known;
  }
}
