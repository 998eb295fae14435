package io.sheaf.load;

import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The file that says what was sent and what was answered, for {@code docker/account.py}. Lines in
 * UTF-8 with tabs between the fields:
 *
 * <pre>
 * sent    archive  entry  size  sha256            before the first byte leaves
 * done    archive  entry  size  sha256            the worker has answered for it
 * failed  archive  entry  size  sha256  reason    refused, or nobody knows: it may be there once
 * </pre>
 *
 * Each is one write at the end of the file, so a process that is killed leaves whole lines; they
 * survive it, not the node. What was sent and has no other line is like what has failed. May be
 * used by several threads.
 */
final class Account implements Closeable {
  private static final int REASON_CHARACTERS = 300;

  private final Path file;

  // Not a channel: an interrupt would close that.
  private final FileOutputStream out;

  private boolean closed;

  /** Goes on with a file that is there. A line that a full disk has cut off is ended. */
  Account(Path file) throws IOException {
    this.file = file;
    boolean cut = isCut(file);
    this.out = new FileOutputStream(file.toFile(), true);
    if (cut) {
      out.write('\n');
    }
  }

  private static boolean isCut(Path file) throws IOException {
    if (!file.toFile().exists()) {
      return false;
    }
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      if (in.length() == 0) {
        return false;
      }
      in.seek(in.length() - 1);
      return in.read() != '\n';
    }
  }

  void sent(LoadFile of) throws IOException {
    write("sent\t" + of.description());
  }

  void done(LoadFile of) throws IOException {
    write("done\t" + of.description());
  }

  void failed(LoadFile of, String reason) throws IOException {
    String plain = reason.replaceAll("\\s+", " ");
    write(
        "failed\t"
            + of.description()
            + "\t"
            + plain.substring(0, Math.min(REASON_CHARACTERS, plain.length())));
  }

  private void write(String line) throws IOException {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (out) {
      if (closed) {
        return; // An answer that nobody waits for any more: it may be there once.
      }
      try {
        out.write(bytes);
      } catch (IOException e) {
        throw new IOException(
            "the account "
                + file
                + " cannot be written, so nothing more is sent: "
                + e.getMessage(),
            e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (out) {
      closed = true;
      out.close();
    }
  }
}
