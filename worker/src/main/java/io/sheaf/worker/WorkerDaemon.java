package io.sheaf.worker;

import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.tree.Tree;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** Signatures only, for now. */
public final class WorkerDaemon implements AutoCloseable {
  private WorkerDaemon() {}

  public static WorkerDaemon start(Settings settings, Disk disk, Tree tree, Clock clock)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  public String id() {
    throw new UnsupportedOperationException();
  }

  public Path socket() {
    throw new UnsupportedOperationException();
  }

  /** Waits until the worker has left, because its session was drained or it was stopped. */
  public Ending awaitEnd() throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Takes no more deposits, ends those under way, seals, publishes and leaves, in that time. */
  public Ending stop(Duration timeout) {
    throw new UnsupportedOperationException();
  }

  /** As {@link #stop} with {@code stop_timeout}. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
