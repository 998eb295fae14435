package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.tree.PendingBatch;
import java.io.IOException;
import java.time.Clock;
import java.util.List;

/**
 * One open batch: a {@code .part} file under a POSIX lock, to which entries are appended. One
 * thread at a time.
 */
public final class BatchWriter {
  private BatchWriter() {}

  /**
   * Opens the batch {@code <worker>-<seq>} of an archive.
   *
   * @param durable whether the name of the {@code .part} is durable when this returns
   */
  public static BatchWriter open(
      Disk disk,
      BaseDirectory base,
      Origin origin,
      Compression compression,
      boolean durable,
      Clock clock)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Whose batch this is. */
  public record Origin(String session, String worker, String archive, long seq) {}

  public Origin origin() {
    throw new UnsupportedOperationException();
  }

  /**
   * Appends entries with one write. When this returns they survive the death of the process; when
   * it throws, none of them is in the batch, and {@link #isBroken} says whether the batch can go
   * on.
   */
  public void append(List<PreparedEntry> entries) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Begins an entry whose contents come in pieces. Nothing else may be appended until it is
   * committed or aborted.
   *
   * @param modified milliseconds since the epoch
   * @param size of the contents if known, else -1
   */
  public EntryWriter begin(String name, long modified, long size) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Makes everything appended so far durable. After a failure the batch is broken. */
  public void sync() throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Whether nothing more can be appended, because the file could not be cut back or synced. */
  public boolean isBroken() {
    throw new UnsupportedOperationException();
  }

  /** Bytes in the file so far. */
  public long length() {
    throw new UnsupportedOperationException();
  }

  public long entries() {
    throw new UnsupportedOperationException();
  }

  /** Milliseconds since the epoch. */
  public long opened() {
    throw new UnsupportedOperationException();
  }

  /**
   * Closes the batch: central directory and manifest, sync, rename, sync of the directory. When
   * this returns the batch is durable under its final name. When it throws, the {@code .part} and
   * its lock are still there and this may be called again: it then writes the whole batch anew from
   * what it can still read, and checks that against the sums taken when it was appended.
   */
  public PendingBatch seal() throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Removes a batch without entries, or lets go of one that could not be sealed: it stays, for
   * salvage.
   */
  public void abandon() throws IOException {
    throw new UnsupportedOperationException();
  }
}
