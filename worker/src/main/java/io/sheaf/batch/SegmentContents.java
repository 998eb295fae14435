package io.sheaf.batch;

import io.sheaf.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the contents of a segment are: a chain of records in logs that it shares, each of which
 * names the one before, and then a log that it has alone, if it grew large.
 *
 * @param tail the last record in a shared log
 * @param own number of the log that it has alone, 0 for none
 * @param ownEnd up to where that log counts
 * @param size of the contents; more may be in the logs, which a cut took away
 */
public record SegmentContents(SegmentKey key, long tail, long own, long ownEnd, long size) {
  private static final int LIKELY = 4 << 10;

  /** Gives the open file of a log. */
  public interface Logs {
    DiskFile file(long number) throws IOException;
  }

  /** Takes contents, piece by piece. */
  public interface Sink {
    void take(ByteBuffer piece) throws IOException;
  }

  /**
   * Reads all of it.
   *
   * @throws IOException too when the logs do not hold any more what was written
   */
  public void read(Logs logs, Sink sink) throws IOException {
    Clipped to = new Clipped(sink);
    long[] places = places(logs);
    ByteBuffer buffer = ByteBuffer.allocate(LIKELY);
    for (int i = places.length - 1; i >= 0; i--) {
      buffer = readAt(logs, places[i], buffer);
      to.take(AppendRecord.at(buffer, 0));
    }
    if (own != 0) {
      AppendLogReader reader = new AppendLogReader(logs.file(own), ownEnd);
      for (@Nullable AppendRecord r = reader.next(); r != null; r = reader.next()) {
        to.take(r);
      }
    }
    if (to.offset < size) {
      throw new IOException(
          "the append logs hold " + to.offset + " of the " + size + " bytes of a segment");
    }
  }

  /** The places of the chain, the last first. */
  private long[] places(Logs logs) throws IOException {
    long[] places = new long[16];
    int n = 0;
    ByteBuffer header = ByteBuffer.allocate(AppendRecord.HEADER);
    for (long at = tail; at != AppendRecord.NONE; ) {
      logs.file(AppendRecord.logOf(at)).readFully(header.clear(), AppendRecord.positionOf(at));
      if (header.getLong(16) != key.stream() || header.getInt(12) != key.segment()) {
        throw new IOException("an append log does not hold any more what was written to it");
      }
      if (n == places.length) {
        places = Arrays.copyOf(places, 2 * n);
      }
      places[n++] = at;
      at = header.getLong(40);
    }
    return Arrays.copyOf(places, n);
  }

  private static ByteBuffer readAt(Logs logs, long place, ByteBuffer likely) throws IOException {
    DiskFile file = logs.file(AppendRecord.logOf(place));
    long position = AppendRecord.positionOf(place);
    ByteBuffer buffer = likely.clear();
    buffer.limit((int) Math.min(buffer.capacity(), file.size() - position));
    file.readFully(buffer, position);
    long length = AppendRecord.lengthAt(buffer.flip(), 0);
    if (length > buffer.limit()) {
      int done = buffer.limit();
      buffer = ByteBuffer.allocate((int) length).put(buffer);
      file.readFully(buffer, position + done);
      buffer.flip();
    }
    if (length < 0 || !AppendRecord.holdsAt(buffer, 0)) {
      throw new IOException("an append log does not hold any more what was written to it");
    }
    return buffer;
  }

  /** Passes on contents in their order, and no more than belongs to the segment. */
  private final class Clipped {
    private final Sink sink;

    /** Of the next record; what a cut took away may be in several. */
    private long offset;

    Clipped(Sink sink) {
      this.sink = sink;
    }

    void take(AppendRecord record) throws IOException {
      ByteBuffer piece = record.payload();
      if (record.kind() == AppendRecord.Kind.OPEN) {
        SegmentHead.skip(piece);
      } else if (record.offset() != offset || !record.key().equals(key)) {
        throw new IOException(
            "an append log does not hold any more what was written to it: its record for byte "
                + offset
                + " of a log is one for byte "
                + record.offset());
      }
      long left = Math.max(0, size - offset);
      offset += piece.remaining();
      piece.limit(piece.position() + (int) Math.min(piece.remaining(), left));
      if (piece.hasRemaining()) {
        sink.take(piece);
      }
    }
  }
}
