package io.sheaf.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Syncs of one file while it is still written, on a thread of their own and one at a time.
 *
 * <p>Linux tells a failed write-back once for each open file, to whichever sync comes first: so
 * what one of these was told is kept for the sync that counts.
 */
final class EarlySync {
  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(
          run -> {
            Thread thread = new Thread(run, "early-sync");
            thread.setDaemon(true);
            return thread;
          });

  private final Force force;
  private @Nullable CompletableFuture<Void> last;

  /**
   * @param force {@link java.nio.channels.FileChannel#force} of the file
   */
  EarlySync(Force force) {
    this.force = force;
  }

  /** A sync that returns when it is done. */
  interface Force {
    void run(boolean metadata) throws IOException;
  }

  /** Begins one, unless the last is still under way or has failed. */
  synchronized void start() {
    if (last == null || (last.isDone() && !last.isCompletedExceptionally())) {
      last = CompletableFuture.runAsync(this::run, THREADS);
    }
  }

  private void run() {
    try {
      force.run(false);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** The sync that counts: fails, each time, when one of the early ones has failed. */
  synchronized void sync() throws IOException {
    if (last != null) {
      await(last);
    }
    force.run(true);
  }

  private static void await(CompletableFuture<Void> sync) throws IOException {
    try {
      sync.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException failure) {
        // Not the same object again: whoever is told adds to it.
        throw new IOException(failure.getMessage(), failure);
      }
      throw e;
    }
  }

  /** Waits until none is under way, whatever comes of it. */
  synchronized void end() {
    if (last != null) {
      last.exceptionally(e -> null).join();
    }
  }
}
