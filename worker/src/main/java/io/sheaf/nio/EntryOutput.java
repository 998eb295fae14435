package io.sheaf.nio;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;

/**
 * What is being written to a path. When {@link #close} returns it has its durability; after any
 * call has thrown, or {@link #abort}, closing only lets go. May be used by several threads.
 */
abstract class EntryOutput extends OutputStream {
  private final Writers writers;
  private final Place place;

  /** Under the lock on this, but read by any. */
  private volatile boolean ended;

  private long written;

  EntryOutput(Writers writers, Place place) {
    this.writers = writers;
    this.place = place;
  }

  final Place place() {
    return place;
  }

  final boolean isAt(Place other) {
    return place.equals(other);
  }

  final boolean isAt(EntryOutput other) {
    return isAt(other.place);
  }

  final boolean isEnded() {
    return ended;
  }

  final synchronized long written() {
    return written;
  }

  /** Takes further attributes, unless it is too late. */
  abstract boolean change(GivenAttributes change);

  abstract void send(byte[] bytes, int offset, int length) throws IOException;

  abstract void commit() throws IOException;

  /** Nothing that was not committed is kept, except of a log. */
  abstract void giveUp();

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (ended) {
      throw new ClosedChannelException();
    }
    boolean sent = false;
    try {
      Problems.at(
          place.path(),
          () -> {
            send(bytes, offset, length);
            return length;
          });
      written += length;
      sent = true;
    } finally {
      if (!sent) {
        abort();
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    if (ended) {
      return;
    }
    ended = true;
    try {
      Problems.at(
          place.path(),
          () -> {
            commit();
            return written;
          });
    } finally {
      writers.ended(this);
    }
  }

  final synchronized void abort() {
    if (!ended) {
      ended = true;
      giveUp();
      writers.ended(this);
    }
  }
}
