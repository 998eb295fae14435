package io.sheaf.exec;

import io.sheaf.deposit.AppendOptions;
import io.sheaf.deposit.AppendStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Brings what a command prints into an entry. What cannot be brought there goes to a file beside
 * the command.
 */
final class LogFeed implements Runnable {
  private final OutputSpool spool;
  private final WorkerDoor door;
  private final String target;
  private final AppendOptions options;
  private final Rescue rescue;
  private final Thread thread;
  private @Nullable AppendStream log;
  private byte[] inHand = new byte[0];
  private @Nullable String failure;

  LogFeed(OutputSpool spool, WorkerDoor door, String target, AppendOptions options, Rescue rescue) {
    this.spool = spool;
    this.door = door;
    this.target = target;
    this.options = options;
    this.rescue = rescue;
    this.thread = new Thread(this, "exec-feed");
  }

  void start() {
    spool.release();
    thread.start();
  }

  /** Waits until all is in an entry or in a file; why not all is in one, null when it is. */
  @Nullable String await() throws InterruptedException {
    thread.join();
    String lost = spool.loss();
    return failure == null ? (lost == null ? null : target + ": " + lost) : failure;
  }

  @Override
  public void run() {
    try {
      feed();
    } catch (IOException | RuntimeException | InterruptedException e) {
      failure = rescue(e);
    }
  }

  /** A command that prints nothing has no log, and needs no worker for it. */
  private void feed() throws IOException, InterruptedException {
    for (byte[] piece = spool.take(); piece != null; piece = spool.take()) {
      inHand = piece;
      AppendStream to = log();
      to.write(piece, 0, piece.length);
      inHand = new byte[0];
      if (spool.isEmpty()) {
        to.flush();
      }
    }
    if (log != null) {
      log.close();
    }
  }

  private AppendStream log() throws IOException, InterruptedException {
    AppendStream open = log;
    if (open == null) {
      open = door.await().append(target, options);
      log = open;
    }
    return open;
  }

  private String rescue(Exception reason) {
    byte[] unsafe = log == null ? new byte[0] : log.unsafe();
    String where = rescue.keep(unsafe, inHand, spool);
    return target + ": " + reason.getMessage() + "; " + where;
  }
}
