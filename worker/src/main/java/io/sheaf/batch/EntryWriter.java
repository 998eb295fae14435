package io.sheaf.batch;

import java.io.IOException;
import java.nio.ByteBuffer;

/** An entry that is being written to a batch in pieces, of any size. */
public final class EntryWriter {
  EntryWriter() {}

  /** Adds contents; the buffer may be used again afterwards. */
  public void write(ByteBuffer piece) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Ends the entry: its header gets sizes and checksum. When this returns it survives the process.
   */
  public void commit() throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Cuts the batch back to where the entry began. */
  public void abort() throws IOException {
    throw new UnsupportedOperationException();
  }
}
