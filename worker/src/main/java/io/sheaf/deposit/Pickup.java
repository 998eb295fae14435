package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;

/** Picks up one file that another program wrote. */
final class Pickup {
  /** Files up to this size go to the worker in one piece. */
  private static final int WHOLE = 1 << 20;

  private Pickup() {}

  static void run(Depositor to, Path file, String target, PickupOptions options)
      throws IOException {
    BasicFileAttributes before = regularFile(file);
    DepositOptions entry =
        new DepositOptions(
            options.durability(), before.lastModifiedTime().toMillis(), before.size());
    // NOFOLLOW again: the path may have become a link since it was looked at.
    try (SeekableByteChannel in =
        Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      if (before.size() <= WHOLE) {
        whole(to, in, file, target, before, entry);
      } else {
        streamed(to, in, file, target, before, entry);
      }
    }
    if (options.remove()) {
      Files.delete(file);
    }
  }

  private static void whole(
      Depositor to,
      SeekableByteChannel in,
      Path file,
      String target,
      BasicFileAttributes before,
      DepositOptions entry)
      throws IOException {
    ByteBuffer contents = ByteBuffer.allocate((int) before.size());
    while (contents.hasRemaining() && in.read(contents) >= 0) {
      // Reads until the file's end.
    }
    ensureUnchanged(file, before, contents.position());
    to.deposit(target, contents.flip(), entry);
  }

  private static void streamed(
      Depositor to,
      SeekableByteChannel in,
      Path file,
      String target,
      BasicFileAttributes before,
      DepositOptions entry)
      throws IOException {
    DepositStream out = to.open(target, entry);
    boolean complete = false;
    try {
      InputStream contents = Channels.newInputStream(in);
      byte[] buffer = new byte[256 << 10];
      long total = 0;
      for (int n = contents.read(buffer); n >= 0; n = contents.read(buffer)) {
        out.write(buffer, 0, n);
        total += n;
      }
      ensureUnchanged(file, before, total);
      complete = true;
    } finally {
      if (!complete) {
        out.abort();
      }
    }
    out.close();
  }

  private static BasicFileAttributes regularFile(Path file) throws IOException {
    BasicFileAttributes attributes = attributes(file);
    if (!attributes.isRegularFile()) {
      throw new DepositException(
          Kind.REFUSED, file + " is not a regular file; links are not followed");
    }
    return attributes;
  }

  private static void ensureUnchanged(Path file, BasicFileAttributes before, long read)
      throws IOException {
    BasicFileAttributes now = attributes(file);
    boolean same =
        now.size() == read
            && before.size() == read
            && now.lastModifiedTime().equals(before.lastModifiedTime())
            && Objects.equals(now.fileKey(), before.fileKey());
    if (!same) {
      throw new DepositException(
          Kind.CONFLICT, file + " changed while it was read; pick it up when it is complete");
    }
  }

  private static BasicFileAttributes attributes(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      throw new DepositException(Kind.REFUSED, "there is no file " + file, e);
    }
  }
}
