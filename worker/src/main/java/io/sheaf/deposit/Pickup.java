package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import org.jspecify.annotations.Nullable;

/** Picks up one file that another program wrote. */
final class Pickup {
  /** Files up to this size go to the worker in one piece. */
  private static final int WHOLE = 1 << 20;

  private Pickup() {}

  static void run(Depositor to, ConfinedFile file, String target, PickupOptions options)
      throws IOException {
    run(to, file, target, options, options.id());
  }

  /**
   * Picks up a file whose channel is at its beginning.
   *
   * @param id of the deposit, for one that may be tried again
   */
  static void run(
      Depositor to, ConfinedFile file, String target, PickupOptions options, @Nullable String id)
      throws IOException {
    DepositOptions entry =
        new DepositOptions(
            options.durability(), file.modified(), file.size(), file.attributes(), id);
    if (file.size() <= WHOLE) {
      whole(to, file, target, entry);
    } else {
      streamed(to, file, target, entry);
    }
    if (options.remove()) {
      file.remove();
    }
  }

  private static void whole(Depositor to, ConfinedFile file, String target, DepositOptions entry)
      throws IOException {
    SeekableByteChannel in = file.channel();
    ByteBuffer contents = ByteBuffer.allocate((int) file.size());
    while (contents.hasRemaining() && in.read(contents) >= 0) {
      // Reads until the file's end.
    }
    ensureUnchanged(file, contents.position());
    to.deposit(target, contents.flip(), entry);
  }

  private static void streamed(Depositor to, ConfinedFile file, String target, DepositOptions entry)
      throws IOException {
    DepositStream out = to.open(target, entry);
    boolean complete = false;
    try {
      InputStream contents = Channels.newInputStream(file.channel());
      byte[] buffer = new byte[256 << 10];
      long total = 0;
      for (int n = contents.read(buffer); n >= 0; n = contents.read(buffer)) {
        out.write(buffer, 0, n);
        total += n;
      }
      ensureUnchanged(file, total);
      complete = true;
    } finally {
      if (!complete) {
        out.abort();
      }
    }
    out.close();
  }

  private static void ensureUnchanged(ConfinedFile file, long read) throws IOException {
    if (!file.isUnchanged(read)) {
      throw new DepositException(
          Kind.CONFLICT,
          file.path() + " changed while it was read; pick it up when it is complete");
    }
  }
}
