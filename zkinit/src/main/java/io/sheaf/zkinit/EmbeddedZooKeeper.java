package io.sheaf.zkinit;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A real ZooKeeper server in this process. It serves when {@link #start} returns; what it
 * acknowledged is in its data directory, and the next start on that directory has it.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
  private EmbeddedZooKeeper() {}

  /**
   * Starts a server on 127.0.0.1.
   *
   * @param data directory, created if missing
   * @param port 0 takes a free one
   */
  public static EmbeddedZooKeeper start(Path data, int port) throws IOException {
    return start(data, "127.0.0.1", port);
  }

  public static EmbeddedZooKeeper start(Path data, String address, int port) throws IOException {
    throw new UnsupportedOperationException();
  }

  public int port() {
    throw new UnsupportedOperationException();
  }

  /** For {@code --servers}: {@code 127.0.0.1:2181}. */
  public String servers() {
    throw new UnsupportedOperationException();
  }

  /** Stops serving; never throws. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
