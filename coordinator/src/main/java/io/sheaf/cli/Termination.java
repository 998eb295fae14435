package io.sheaf.cli;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns SIGTERM and SIGINT into an orderly end: the command is asked to stop, ends as it would by
 * itself, and the process ends with the command's status instead of the signal's.
 */
final class Termination {
  /** Longer than anything that stops on request takes; then the virtual machine ends anyway. */
  private static final long PATIENCE_SECONDS = 120;

  private static final CountDownLatch ENDED = new CountDownLatch(1);
  private static volatile int status;
  private static volatile boolean asked;

  private Termination() {}

  /** What a command does until it is done or told to stop. */
  interface Work {
    int run() throws IOException, InterruptedException;
  }

  /**
   * Does some work; meanwhile a signal calls {@code stop}, which should make the work end, and may
   * block until then.
   */
  static int during(Runnable stop, Work work) throws IOException, InterruptedException {
    Thread hook = new Thread(() -> terminate(stop), "termination");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return work.run();
    } finally {
      remove(hook);
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The signal came first: the hook is running and waits for the command's end.
    }
  }

  /** Ends the process. Only {@code main} may call this. */
  static void exit(int exitStatus) {
    status = exitStatus;
    ENDED.countDown();
    // During a shutdown this blocks for ever, and the hook below ends the process.
    System.exit(exitStatus);
  }

  /** Whether a signal has asked this process to end: what fails from then on fails of that. */
  static boolean isAsked() {
    return asked;
  }

  private static void terminate(Runnable stop) {
    asked = true;
    stop.run();
    try {
      if (ENDED.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(status);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
