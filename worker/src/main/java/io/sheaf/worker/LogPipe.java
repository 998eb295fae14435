package io.sheaf.worker;

import io.sheaf.deposit.AppendStreams;
import io.sheaf.deposit.LogStream;
import io.sheaf.disk.OpenPipe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import org.jspecify.annotations.Nullable;

/**
 * A pipe to which a client writes its log. All of the thread of {@link LogPipes}, but for {@link
 * #resume} and {@link #finish}.
 */
final class LogPipe {
  /** What can be read of a pipe: {@link #look} says which. */
  enum Look {
    /** Much came: there is more soon. */
    MUCH,
    /** Little or nothing came. */
    LITTLE,
    /** It is not read until its log is written. */
    HELD,
    /** All was read that will ever come. */
    OVER
  }

  /** Less than this in a look is little. */
  static final int FEW = 1 << 10;

  private final LogPipes pipes;
  private final OpenPipe pipe;
  private final LogStream log;
  private final LogStream.Listener by;
  private final Runnable broken;
  private @Nullable SelectionKey key;
  private @Nullable Runnable end;

  LogPipe(LogPipes pipes, OpenPipe pipe, LogStream log, LogStream.Listener by, Runnable broken) {
    this.pipes = pipes;
    this.pipe = pipe;
    this.log = log;
    this.by = by;
    this.broken = broken;
  }

  OpenPipe pipe() {
    return pipe;
  }

  /** The log is not behind any more. From any thread. */
  void resume() {
    pipes.execute(() -> pipes.look(this));
  }

  /**
   * The client writes no more. Once all that it has written is in its log this is done, by the
   * thread that reads pipes; only the first time that this is called. From any thread.
   */
  void finish(Runnable then) {
    pipes.execute(
        () -> {
          if (end == null) {
            end = then;
            if (!pipes.look(this)) {
              then.run(); // What could be read of it has been.
            }
          }
        });
  }

  /** Has the selector tell when there is something to read. */
  void watch(Selector selector) throws IOException {
    SelectionKey known = key;
    if (known == null) {
      key = pipe.source().register(selector, SelectionKey.OP_READ, this);
    } else {
      known.interestOps(SelectionKey.OP_READ);
    }
  }

  /** While it is looked at anyway, a write to it should wake nobody. */
  void unwatch() {
    SelectionKey known = key;
    if (known != null && known.isValid()) {
      known.interestOps(0);
    }
  }

  /** Reads once, as much as the buffer takes. */
  Look look(ByteBuffer buffer, boolean memoryIsOver) {
    if (log.isBehind(memoryIsOver ? 1 : AppendStreams.HIGH)) {
      return Look.HELD;
    }
    int count = read(buffer.clear().limit(memoryIsOver ? FEW : buffer.capacity()));
    if (count > 0) {
      log.append(by, buffer.flip());
    }
    if (count <= 0 && (count < 0 || end != null)) {
      return Look.OVER;
    }
    return count >= FEW || end != null ? Look.MUCH : Look.LITTLE;
  }

  /** As a channel reads; a pipe that fails has no more. */
  private int read(ByteBuffer buffer) {
    try {
      return pipe.source().read(buffer);
    } catch (IOException e) {
      return -1;
    }
  }

  /** Whether nobody asks any more for what comes. */
  boolean isFinished() {
    return end != null;
  }

  /** Closes it, and does what was asked for then; if nothing was, the client must hear of it. */
  void close() throws IOException {
    Runnable then = end == null ? broken : end;
    try {
      pipe.close();
    } finally {
      then.run();
    }
  }
}
