package io.sheaf.deposit;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/**
 * A log being appended to. A write does not wait for the disk, only for memory of the worker if
 * that is used up. {@link #close} ends the log: when that returns, all of it is in entries that
 * have the stated durability. When a program dies instead, what it had flushed becomes an entry.
 *
 * <p>Over a socket, a worker that is lost is waited for, for {@code resend_time}: what was safe is
 * there once. What was not is sent again, and there at least once: twice where the worker that was
 * killed had written it and not told of it yet. A line in which that worker's entry ends is whole
 * in the next one.
 *
 * <p>May be written to by several threads; each write stays in one piece.
 */
public abstract class AppendStream extends OutputStream {
  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public abstract void write(byte[] bytes, int offset, int length) throws IOException;

  /** Hands what was written to the worker. */
  @Override
  public abstract void flush() throws IOException;

  /** How many bytes of the log have the stated durability. */
  public abstract long safe();

  /** Flushes, and waits until all that was written is safe; false when time ran out. */
  public abstract boolean awaitSafe(Duration timeout) throws IOException;

  /**
   * What was written and is not known to be safe, as far as the log has it in memory: over a socket
   * that is all of it. For one that has failed, so that it can be kept elsewhere.
   */
  public byte[] unsafe() {
    return new byte[0];
  }

  /**
   * After {@link #close}: how many entries the log became; where it went on with another worker, of
   * that one.
   */
  public abstract int entries();

  @Override
  public abstract void close() throws IOException;
}
