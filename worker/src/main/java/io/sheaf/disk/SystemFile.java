package io.sheaf.disk;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** A file of this machine; a borrowed one leaves its channel open, for the lock that is on it. */
final class SystemFile implements DiskFile {
  private final Path path;
  private final FileChannel channel;
  private final boolean owned;
  private final EarlySync early;

  SystemFile(Path path, FileChannel channel, boolean owned) {
    this.path = path;
    this.channel = channel;
    this.owned = owned;
    this.early = new EarlySync(channel::force);
  }

  @Override
  public Path path() {
    return path;
  }

  private interface Io<T> {
    T run() throws IOException;
  }

  /** A channel's errors do not say which file they are about. */
  private <T> T named(Io<T> io) throws IOException {
    return named(path, io);
  }

  private static <T> T named(Path path, Io<T> io) throws IOException {
    try {
      return io.run();
    } catch (IOException e) {
      throw named(path, e);
    }
  }

  private static IOException named(Path path, IOException e) {
    if (e instanceof EOFException || e instanceof FileSystemException) {
      return e;
    }
    IOException named = new FileSystemException(path.toString(), null, e.getMessage());
    named.initCause(e);
    return named;
  }

  /** Syncs what a channel of a file or directory is open on. */
  static void sync(Path path, FileChannel channel) throws IOException {
    named(
        path,
        () -> {
          channel.force(true);
          return path;
        });
  }

  @Override
  public long size() throws IOException {
    return named(channel::size);
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    try {
      return channel.read(target, position); // Millions of times, so without an object each.
    } catch (IOException e) {
      throw named(path, e);
    }
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    long at = position;
    try {
      while (source.hasRemaining()) {
        at += channel.write(source, at);
      }
    } catch (IOException e) {
      throw named(path, e);
    }
  }

  @Override
  public void write(ByteBuffer[] sources, long position) throws IOException {
    long left = 0;
    for (ByteBuffer source : sources) {
      left += source.remaining();
    }
    // A gathering write goes to the channel's position, which is the channel's and not the
    // caller's.
    synchronized (channel) {
      channel.position(position);
      while (left > 0) {
        left -= named(() -> channel.write(sources));
      }
    }
  }

  @Override
  public void copyTo(DiskFile target, long targetPosition, long position, long count)
      throws IOException {
    if (target instanceof SystemFile file) {
      copyInKernel(file, targetPosition, position, count);
    } else {
      copyThroughBuffer(target, targetPosition, position, count);
    }
  }

  private void copyInKernel(SystemFile target, long targetPosition, long position, long count)
      throws IOException {
    synchronized (target.channel) {
      target.channel.position(targetPosition);
      long done = 0;
      while (done < count) {
        // One call copies at most 2 GiB.
        long start = position + done;
        long left = count - done;
        long n = target.named(() -> channel.transferTo(start, left, target.channel));
        if (n <= 0) {
          throw endsBefore(position + count);
        }
        done += n;
      }
    }
  }

  private void copyThroughBuffer(DiskFile target, long targetPosition, long position, long count)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(count, 1 << 20));
    for (long done = 0; done < count; ) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), count - done));
      if (read(buffer, position + done) < 0) {
        throw endsBefore(position + count);
      }
      buffer.flip();
      int n = buffer.remaining();
      target.write(buffer, targetPosition + done);
      done += n;
    }
  }

  private EOFException endsBefore(long position) {
    return new EOFException(path + " ends before " + position);
  }

  @Override
  public void truncate(long size) throws IOException {
    named(() -> channel.truncate(size));
  }

  @Override
  public void startSync() {
    early.start();
  }

  @Override
  public void sync() throws IOException {
    named(
        () -> {
          early.sync();
          return path;
        });
  }

  @Override
  public void close() throws IOException {
    early.end();
    if (owned) {
      channel.close();
    }
  }
}
