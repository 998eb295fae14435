package io.sheaf.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.SeekableByteChannel;

/** Writes an entry from its beginning to its end; its position is always that end. */
final class WriteChannel implements SeekableByteChannel {
  private final EntryOutput output;

  WriteChannel(EntryOutput output) {
    this.output = output;
  }

  @Override
  public int read(ByteBuffer to) {
    throw new NonReadableChannelException();
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    byte[] bytes = new byte[from.remaining()];
    from.duplicate().get(bytes);
    output.write(bytes, 0, bytes.length);
    from.position(from.limit());
    return bytes.length;
  }

  @Override
  public long position() throws IOException {
    ensureOpen();
    return output.written();
  }

  @Override
  public SeekableByteChannel position(long next) throws IOException {
    ensureOpen();
    if (next != output.written()) {
      throw new UnsupportedOperationException(
          "an entry is written from its beginning to its end: there is no other place to write at");
    }
    return this;
  }

  @Override
  public long size() throws IOException {
    return position();
  }

  @Override
  public SeekableByteChannel truncate(long size) throws IOException {
    ensureOpen();
    if (size < output.written()) {
      throw new UnsupportedOperationException("what was written of an entry stays");
    }
    return this;
  }

  private void ensureOpen() throws IOException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public boolean isOpen() {
    return !output.isEnded();
  }

  @Override
  public void close() throws IOException {
    output.close();
  }
}
