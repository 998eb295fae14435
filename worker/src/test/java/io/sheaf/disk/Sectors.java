package io.sheaf.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The contents of a simulated file, immutable: sectors, which copies share, and a size. What lies
 * beyond the size reads as nothing, and as zeros once the file grows over it.
 */
final class Sectors {
  /** What a disk writes as a whole or not at all. */
  static final int SECTOR = 512;

  static final Sectors NONE = new Sectors(new byte[0][], 0);

  private static final byte[] ZEROS = new byte[SECTOR];

  /** Null where nothing but zeros was ever written. */
  private final byte[] @Nullable [] sectors;

  private final long size;
  private long hash;

  private Sectors(byte[] @Nullable [] sectors, long size) {
    this.sectors = sectors;
    this.size = size;
  }

  /** Takes sectors of which the last may have bytes beyond the size: they are cut off. */
  static Sectors of(byte[] @Nullable [] sectors, long size) {
    byte[] @Nullable [] cut = Arrays.copyOf(sectors, count(size));
    int used = (int) (size % SECTOR);
    byte[] last = used == 0 ? null : cut[cut.length - 1];
    if (last != null) {
      cut[cut.length - 1] = Arrays.copyOf(Arrays.copyOf(last, used), SECTOR);
    }
    return new Sectors(cut, size);
  }

  /** How many sectors a file of a size has. */
  static int count(long size) {
    return Math.toIntExact((size + SECTOR - 1) / SECTOR);
  }

  long size() {
    return size;
  }

  byte[] @Nullable [] copy(int atLeast) {
    return Arrays.copyOf(sectors, Math.max(sectors.length, atLeast));
  }

  byte @Nullable [] sector(int index) {
    return index < sectors.length ? sectors[index] : null;
  }

  Sectors write(ByteBuffer source, long position) {
    if (!source.hasRemaining()) {
      return this;
    }
    long end = position + source.remaining();
    byte[] @Nullable [] written = copy(count(end));
    for (long at = position; at < end; ) {
      int index = (int) (at / SECTOR);
      int from = (int) (at % SECTOR);
      int n = (int) Math.min(SECTOR - from, end - at);
      byte[] old = written[index];
      byte[] changed = old == null ? new byte[SECTOR] : old.clone();
      source.get(changed, from, n);
      written[index] = changed;
      at += n;
    }
    return new Sectors(written, Math.max(size, end));
  }

  Sectors resize(long newSize) {
    return of(copy(count(newSize)), newSize);
  }

  int read(ByteBuffer target, long position) {
    if (position >= size) {
      return -1;
    }
    int n = (int) Math.min(target.remaining(), size - position);
    for (int done = 0; done < n; ) {
      int from = (int) ((position + done) % SECTOR);
      int piece = Math.min(SECTOR - from, n - done);
      byte[] sector = sector((int) ((position + done) / SECTOR));
      target.put(sector == null ? ZEROS : sector, from, piece);
      done += piece;
    }
    return n;
  }

  /** Equal for equal contents. */
  long fingerprint() {
    if (hash == 0) {
      long h = size + 1;
      for (byte[] sector : sectors) {
        h = h * 0x9E3779B97F4A7C15L + Arrays.hashCode(sector == null ? ZEROS : sector);
        h ^= h >>> 29;
      }
      hash = h;
    }
    return hash;
  }
}
