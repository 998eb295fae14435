package io.sheaf.deposit;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** One thread that tells programs of this process what has happened to their logs. */
final class Wakers {
  private static final ExecutorService THREAD =
      Executors.newSingleThreadExecutor(Threads.named("sheaf-append-tell"));

  private Wakers() {}

  static void run(Runnable telling) {
    THREAD.execute(telling);
  }
}
