package io.sheaf.deposit;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A stream into a batch of this process; small writes are gathered. */
final class LaneStream extends DepositStream {
  private final EntryStream entry;
  private final ByteBuffer gathered = ByteBuffer.allocate(64 << 10);
  private boolean ended;

  LaneStream(EntryStream entry) {
    this.entry = entry;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    ensureOpen();
    if (length > gathered.remaining()) {
      flush();
    }
    if (length > gathered.remaining()) {
      send(ByteBuffer.wrap(bytes, offset, length));
    } else {
      gathered.put(bytes, offset, length);
    }
  }

  @Override
  public void flush() throws IOException {
    ensureOpen();
    send(gathered.flip());
    gathered.clear();
  }

  private void send(ByteBuffer piece) throws IOException {
    try {
      entry.write(piece);
    } catch (IOException e) {
      ended = true;
      throw e;
    }
  }

  @Override
  public void abort() {
    if (!ended) {
      ended = true;
      entry.abort();
    }
  }

  @Override
  public void close() throws IOException {
    if (!ended) {
      flush();
      ended = true;
      entry.commit();
    }
  }

  private void ensureOpen() throws IOException {
    if (ended) {
      throw new IOException("the deposit has ended");
    }
  }
}
