package io.sheaf.batch;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Works on the next items of a list, several at a time, while its user deals with one after the
 * other in their order. For one thread; not more results wait than there are threads.
 */
public final class Ahead<T, R> implements AutoCloseable {
  /** Each result may hold a directory of many megabytes. */
  private static final int MOST = 4;

  /** Fewer items are not worth a thread. */
  static final int FEW = 8;

  private final Iterator<T> items;
  private final Work<T, R> work;
  private final int threads;
  private final @Nullable ExecutorService pool;
  private final Deque<Future<R>> begun = new ArrayDeque<>();

  /** What is done with an item, by any thread. */
  public interface Work<T, R> {
    R of(T item) throws IOException;
  }

  public Ahead(List<T> items, Work<T, R> work) {
    this.items = items.iterator();
    this.work = work;
    int processors = Runtime.getRuntime().availableProcessors();
    this.threads = Math.max(1, Math.min(MOST, Math.min(processors, items.size())));
    this.pool =
        items.size() < FEW
            ? null
            : Executors.newFixedThreadPool(threads, r -> new Thread(r, "ahead"));
  }

  public boolean hasNext() {
    return !begun.isEmpty() || items.hasNext();
  }

  /**
   * The result for the next item.
   *
   * @throws IOException as the work on this item did; the others are not concerned
   */
  public R next() throws IOException {
    if (pool == null) {
      return work.of(items.next());
    }
    while (items.hasNext() && begun.size() <= threads) {
      T item = items.next();
      begun.add(pool.submit(() -> work.of(item)));
    }
    return result(begun.remove());
  }

  private static <R> R result(Future<R> future) throws IOException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IOException io) {
        throw io;
      }
      if (cause instanceof RuntimeException runtime) {
        throw runtime;
      }
      throw new IllegalStateException(cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while it waits for files to be read", e);
    }
  }

  /** Gives up what is not asked for any more; results that can be closed are. */
  @Override
  public void close() {
    if (pool != null) {
      pool.shutdown();
    }
    for (Future<R> left : begun) {
      try {
        if (result(left) instanceof AutoCloseable open) {
          open.close();
        }
      } catch (Exception e) {
        // Whoever closes this early has a reason to tell, and nobody asked for these.
      }
    }
  }
}
