package io.sheaf.batch;

import java.nio.ByteBuffer;

/**
 * An entry whose contents are in memory, compressed and summed, ready to be appended to a batch.
 */
public final class PreparedEntry {
  private PreparedEntry() {
    throw new UnsupportedOperationException();
  }

  /**
   * Prepares an entry. Stored contents are not copied: they must stay as they are until the entry
   * has been appended.
   *
   * @param name of the entry, checked with {@link Target#checkEntry}
   * @param modified milliseconds since the epoch
   */
  public static PreparedEntry of(
      String name, long modified, ByteBuffer contents, Compression compression) {
    throw new UnsupportedOperationException();
  }

  /** Bytes that it takes in a batch, header included. */
  public int length() {
    throw new UnsupportedOperationException();
  }
}
