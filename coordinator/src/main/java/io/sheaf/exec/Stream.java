package io.sheaf.exec;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** One of the two streams of a command, or both as one: from its pipe over a spool to a worker. */
final class Stream implements Closeable {
  /** Bytes that wait for the worker in memory. */
  private static final long MEMORY = 8 << 20;

  private static final int LOOK_AGAIN_MILLIS = 50;

  private final ChildPipe pipe;
  private final OutputSpool spool;
  private final Thread pump;
  private final LogFeed feed;
  private final OutputStream own;
  private final String target;
  private final boolean tees;
  private boolean feeds;

  /**
   * @param name of the stream
   * @param own stream of this process, to which the output would go otherwise
   */
  Stream(ExecPlan plan, WorkerDoor door, Path scratch, String target, String name, OutputStream own)
      throws IOException {
    this.target = target;
    this.own = own;
    this.tees = plan.tees();
    this.pipe = ChildPipe.open();
    this.spool = new OutputSpool(MEMORY, scratch, plan.successOnly());
    this.pump = new Thread(new Pump(pipe.source(), spool, tees ? own : null), "exec-" + name);
    pump.setDaemon(true);
    String file = "sheaf-exec-" + ProcessHandle.current().pid() + "-" + name;
    Rescue rescue = new Rescue(List.of(Path.of("").toAbsolutePath(), scratch), file, own);
    this.feed = new LogFeed(spool, door, target, plan.log(), rescue);
  }

  ProcessBuilder.Redirect redirect() {
    return pipe.redirect();
  }

  /** The command has its end of the pipe. */
  void started(boolean later) throws IOException {
    pipe.started();
    pump.start();
    if (!later) {
      feeds = true;
      feed.start();
    }
  }

  /** Waits until nobody has the stream open any more, up to a time ({@link System#nanoTime}). */
  void awaitEnd(long end, CountDownLatch hurry, List<String> notes)
      throws IOException, InterruptedException {
    do {
      pump.join(LOOK_AGAIN_MILLIS);
    } while (pump.isAlive() && System.nanoTime() - end < 0 && hurry.getCount() > 0);
    if (pump.isAlive()) {
      pipe.source().close();
      pump.join();
      notes.add(target + ": ends here, though a process that the command left has it open still");
    }
  }

  /**
   * Waits until all is deposited, or kept elsewhere.
   *
   * @param wanted whether it is to be deposited; otherwise what was held back is passed on as if
   *     there had been no log
   */
  void settle(boolean wanted, List<String> problems) throws IOException, InterruptedException {
    if (!wanted) {
      if (!tees) {
        passOn(problems);
      }
      return;
    }
    if (!feeds) {
      feeds = true;
      feed.start();
    }
    String problem = feed.await();
    if (problem != null) {
      problems.add(problem);
    }
  }

  private void passOn(List<String> problems) throws IOException, InterruptedException {
    spool.release();
    for (byte[] piece = spool.take(); piece != null; piece = spool.take()) {
      own.write(piece);
    }
    own.flush();
    String loss = spool.loss();
    if (loss != null) {
      problems.add(loss);
    }
  }

  @Override
  public void close() throws IOException {
    pipe.close();
    spool.close();
  }
}
