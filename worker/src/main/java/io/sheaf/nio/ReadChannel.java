package io.sheaf.nio;

import io.sheaf.deposit.EntryContents;
import io.sheaf.deposit.EntryStat;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads an entry at any place. A small one is kept in memory. A larger one is read as a stream:
 * forwards what lies between is read over, backwards it is read again from its beginning.
 */
final class ReadChannel implements SeekableByteChannel {
  private static final int SMALL = 1 << 20;
  private static final int PIECE = 64 << 10;

  private final Entries entries;
  private final Place place;
  private final Set<Closeable> open;
  private final EntryStat stat;
  private final byte @Nullable [] whole;
  private @Nullable EntryContents contents;
  private long at;
  private long position;
  private boolean closed;

  @SuppressWarnings("ThisEscapedInObjectConstruction")
  ReadChannel(Entries entries, Place place, Set<Closeable> open) throws IOException {
    this.entries = entries;
    this.place = place;
    this.open = open;
    EntryContents first = entries.open(place);
    this.stat = first.stat();
    if (stat.size() <= SMALL) {
      try (first) {
        this.whole = first.readAllBytes();
      }
    } else {
      this.whole = null;
      this.contents = first;
    }
    open.add(this);
  }

  private void ensureOpen() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public synchronized int read(ByteBuffer to) throws IOException {
    ensureOpen();
    if (position >= stat.size()) {
      return -1;
    }
    if (!to.hasRemaining()) {
      return 0;
    }
    int n = whole == null ? stream(to) : copy(whole, to);
    position += n;
    return n;
  }

  private int copy(byte[] from, ByteBuffer to) {
    int n = (int) Math.min(to.remaining(), from.length - position);
    to.put(from, (int) position, n);
    return n;
  }

  private int stream(ByteBuffer to) throws IOException {
    EntryContents from = contents;
    if (from == null || position < at) {
      from = again();
    }
    from.skipNBytes(position - at);
    at = position;
    byte[] piece = new byte[Math.min(PIECE, to.remaining())];
    int n = from.read(piece, 0, piece.length);
    at += n;
    to.put(piece, 0, n);
    return n;
  }

  private EntryContents again() throws IOException {
    if (contents != null) {
      contents.close();
      contents = null;
    }
    EntryContents next = entries.open(place);
    if (next.stat().size() != stat.size() || next.stat().modified() != stat.modified()) {
      next.close();
      throw new FileSystemException(
          place.path().toString(), null, "another entry took its place while it was read");
    }
    contents = next;
    at = 0;
    return next;
  }

  @Override
  public int write(ByteBuffer from) {
    throw new NonWritableChannelException();
  }

  @Override
  public synchronized long position() throws IOException {
    ensureOpen();
    return position;
  }

  @Override
  public synchronized SeekableByteChannel position(long next) throws IOException {
    ensureOpen();
    if (next < 0) {
      throw new IllegalArgumentException("position " + next);
    }
    position = next;
    return this;
  }

  @Override
  public synchronized long size() throws IOException {
    ensureOpen();
    return stat.size();
  }

  @Override
  public SeekableByteChannel truncate(long size) {
    throw new NonWritableChannelException();
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
    open.remove(this);
    if (contents != null) {
      contents.close();
      contents = null;
    }
  }
}
