package io.sheaf.deposit;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A stream into a batch of this process; small writes are gathered. */
final class LaneStream extends DepositStream {
  private final Lanes lanes;
  private final EntryStream entry;
  private final ByteBuffer gathered = ByteBuffer.allocate(64 << 10);
  private boolean ended;

  LaneStream(Lanes lanes, EntryStream entry) {
    this.lanes = lanes;
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
      lanes.onDiskThread(
          () -> {
            entry.write(piece);
            return entry;
          });
    } catch (IOException e) {
      ended = true;
      throw e;
    }
  }

  @Override
  public void abort() {
    if (!ended) {
      ended = true;
      try {
        lanes.onDiskThread(
            () -> {
              entry.abort();
              return entry;
            });
      } catch (DepositException e) {
        throw new IllegalStateException("an abort has nothing to refuse", e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (!ended) {
      flush();
      ended = true;
      lanes.onDiskThread(
          () -> {
            entry.commit();
            return entry;
          });
    }
  }

  private void ensureOpen() throws IOException {
    if (ended) {
      throw new IOException("the deposit has ended");
    }
  }
}
