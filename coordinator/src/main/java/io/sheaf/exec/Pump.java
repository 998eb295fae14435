package io.sheaf.exec;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/** Reads what a command prints, and keeps it in a spool until its end. */
final class Pump implements Runnable {
  /** What a pipe holds (pipe(7)). */
  private static final int PIECE = 64 << 10;

  private final ReadableByteChannel from;
  private final OutputSpool spool;
  private @Nullable OutputStream tee;

  /**
   * @param tee gets it as well, until it takes no more; null for nobody
   */
  Pump(ReadableByteChannel from, OutputSpool spool, @Nullable OutputStream tee) {
    this.from = from;
    this.spool = spool;
    this.tee = tee;
  }

  @Override
  public void run() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);
    try {
      while (from.read(buffer.clear()) >= 0) {
        byte[] piece = new byte[buffer.flip().remaining()];
        buffer.get(piece);
        passOn(piece);
        spool.put(piece);
      }
    } catch (IOException e) {
      // It was closed, since the command has ended and others hold on to it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      spool.end();
    }
  }

  private void passOn(byte[] piece) {
    OutputStream to = tee;
    if (to == null) {
      return;
    }
    try {
      to.write(piece);
      to.flush();
    } catch (IOException e) {
      tee = null; // Nobody reads there any more; the log goes on.
    }
  }
}
