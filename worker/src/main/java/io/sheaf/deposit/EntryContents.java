package io.sheaf.deposit;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * The contents of an entry, as they come from the worker. Less than the announced bytes is an
 * {@link EOFException}, never a silent end. One thread at a time.
 */
public final class EntryContents extends InputStream {
  private final ReadWire wire;
  private final EntryStat stat;
  private long left;
  private boolean closed;

  EntryContents(ReadWire wire, EntryStat stat) {
    this.wire = wire;
    this.stat = stat;
    this.left = stat.size();
  }

  public EntryStat stat() {
    return stat;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, to.length);
    if (closed) {
      throw new IOException("the stream is closed");
    }
    if (length == 0 || left == 0) {
      return left == 0 ? -1 : 0;
    }
    int n = wire.read(to, offset, (int) Math.min(length, left));
    if (n < 0) {
      throw new EOFException(
          "the worker closed the connection " + left + " bytes before the end of " + stat.name());
    }
    left -= n;
    return n;
  }

  @Override
  public int available() {
    return (int) Math.min(Integer.MAX_VALUE, Math.min(left, wire.buffered()));
  }

  /** The connection can be used again once all was read; else it is closed. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      wire.end(left == 0);
    }
  }
}
