package io.sheaf.deposit;

import java.io.IOException;
import java.io.OutputStream;

/**
 * An entry being written. {@link #close} commits it: when that returns, the entry has the stated
 * durability. After {@link #abort}, or after any call has thrown, nothing of it is kept and closing
 * only lets go. One thread at a time.
 */
public abstract class DepositStream extends OutputStream {
  /** Gives the entry up. Does nothing after {@link #close}. */
  public abstract void abort();

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public abstract void write(byte[] bytes, int offset, int length) throws IOException;

  @Override
  public abstract void close() throws IOException;
}
