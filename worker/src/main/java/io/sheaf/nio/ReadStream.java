package io.sheaf.nio;

import io.sheaf.deposit.EntryContents;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.util.Set;

/** Contents that are ended with their file system. */
final class ReadStream extends FilterInputStream {
  private final Set<Closeable> open;

  @SuppressWarnings("ThisEscapedInObjectConstruction")
  ReadStream(EntryContents contents, Set<Closeable> open) {
    super(contents);
    this.open = open;
    open.add(this);
  }

  @Override
  public void close() throws IOException {
    open.remove(this);
    super.close();
  }
}
