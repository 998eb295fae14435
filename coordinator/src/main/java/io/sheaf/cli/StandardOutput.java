package io.sheaf.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The process's standard output, which remembers that it failed: {@link System#out} and every
 * PrintWriter forget it, and a command whose output is cut off by a full disk would end with 0.
 */
final class StandardOutput extends OutputStream {
  private final OutputStream out;
  private volatile @Nullable IOException failure;

  /** Nobody reads any more, as behind {@code | head}: no error, but no reason to go on either. */
  static final class ClosedException extends IOException {
    private static final long serialVersionUID = 1;

    ClosedException(IOException cause) {
      super("nobody reads the output any more", cause);
    }
  }

  StandardOutput() {
    this(new FileOutputStream(FileDescriptor.out));
  }

  StandardOutput(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private IOException failed(IOException e) {
    boolean closed = String.valueOf(e.getMessage()).contains("Broken pipe");
    IOException reason =
        closed ? new ClosedException(e) : new IOException("standard output: " + e.getMessage(), e);
    failure = reason;
    return reason;
  }

  /** Why output was lost that somebody waits for. */
  Optional<IOException> lost() {
    IOException reason = failure;
    return reason instanceof ClosedException ? Optional.empty() : Optional.ofNullable(reason);
  }
}
