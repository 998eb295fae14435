package io.sheaf.worker;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the uploads that go on at a time, since each has an open batch alone. One that gets no
 * slot waits, and its connection is not read meanwhile.
 */
final class UploadSlots {
  private static final int THREADS = 4;

  private final ExecutorService threads;
  private final Deque<Upload> waiting = new ArrayDeque<>();
  private int free;

  UploadSlots(int limit) {
    this.free = limit;
    AtomicInteger count = new AtomicInteger();
    this.threads =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "sheaf-upload-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Starts the upload, now or when another ends. */
  void enter(Upload upload) {
    synchronized (this) {
      if (free == 0) {
        waiting.add(upload);
        return;
      }
      free--;
    }
    upload.start();
  }

  void leave() {
    Upload next;
    synchronized (this) {
      next = waiting.poll();
      if (next == null) {
        free++;
        return;
      }
    }
    next.start();
  }

  void execute(Upload upload) {
    threads.execute(upload);
  }

  void close() {
    threads.shutdown();
  }
}
