package io.sheaf.batch;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A record of an append log.
 *
 * <pre>
 *  0 length    4   of the payload
 *  4 sum       4   CRC32C of all that follows, payload included
 *  8 kind      4   see {@link Kind}
 * 12 segment   4
 * 16 stream    8   in KEEP the number of the log that it speaks of
 * 24 offset    8   DATA: of the payload in the segment. OPEN: the length at which the segment before
 *                  ends, -1 for none. END: the length of the contents
 * 32 time      8   milliseconds since the epoch
 * 40 previous  8   place of the record of this segment before this one, {@link #NONE} for none
 * 48 payload
 * </pre>
 *
 * @param payload valid until the next one is read
 */
public record AppendRecord(
    Kind kind,
    int segment,
    long stream,
    long offset,
    long time,
    long previous,
    ByteBuffer payload) {
  /** Bytes before the payload. */
  public static final int HEADER = 48;

  /** What a log begins with: {@link #MAGIC}, and whether one segment has it alone. */
  public static final int FILE_HEADER = 16;

  static final long MAGIC = 0x53_48_45_41_46_41_50_01L; // SHEAFAP, version 1

  public static final long NONE = -1;

  private static final int POSITION_BITS = 40;

  /** What a record says. */
  public enum Kind {
    /** A segment begins: its {@link SegmentHead}, and bytes that it takes over. */
    OPEN(0),
    /** Contents. */
    DATA(1),
    /** The segment's entry is in a batch that is durable. */
    END(2),
    /** Of what is in another log only these segments have not ended: stream and segment each. */
    KEEP(3);

    private static final Kind[] ALL = {OPEN, DATA, END, KEEP};

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  /** Whether the record at an index opens a segment. */
  public static boolean isOpenAt(ByteBuffer in, int at) {
    return in.getInt(at + 8) == Kind.OPEN.code;
  }

  public SegmentKey key() {
    return new SegmentKey(stream, segment);
  }

  /** Names a place in a log of the worker. */
  public static long place(long log, long position) {
    return log << POSITION_BITS | position;
  }

  public static long logOf(long place) {
    return place >>> POSITION_BITS;
  }

  public static long positionOf(long place) {
    return place & (1L << POSITION_BITS) - 1;
  }

  /** Writes a header, all but the sum and the place of the record before; the payload follows. */
  public static void begin(
      ByteBuffer to, Kind kind, SegmentKey key, long offset, long time, int length) {
    to.putInt(length).putInt(0).putInt(kind.code).putInt(key.segment());
    to.putLong(key.stream()).putLong(offset).putLong(time).putLong(NONE);
  }

  /** Completes a record that begins at an index: what is before it, and the sum. */
  public static void complete(ByteBuffer in, int at, long previous) {
    in.putLong(at + 40, previous);
    in.putInt(at + 4, sum(in, at, HEADER + in.getInt(at)));
  }

  private static int sum(ByteBuffer in, int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(in.duplicate().limit(at + length).position(at + 8));
    return (int) crc.getValue();
  }

  /** The bytes of a record whose header is at an index, by what it says; -1 when it is none. */
  static long lengthAt(ByteBuffer in, int at) {
    int length = in.getInt(at);
    int kind = in.getInt(at + 8);
    return length < 0 || kind < 0 || kind >= Kind.ALL.length ? -1 : HEADER + (long) length;
  }

  /** Whether the record at an index, which is there as a whole, is what was written. */
  static boolean holdsAt(ByteBuffer in, int at) {
    return in.getInt(at + 4) == sum(in, at, HEADER + in.getInt(at));
  }

  /** Reads the record at an index. */
  static AppendRecord at(ByteBuffer in, int at) {
    return new AppendRecord(
        Kind.ALL[in.getInt(at + 8)],
        in.getInt(at + 12),
        in.getLong(at + 16),
        in.getLong(at + 24),
        in.getLong(at + 32),
        in.getLong(at + 40),
        in.slice(at + HEADER, in.getInt(at)));
  }

  /** What a log begins with. */
  public static ByteBuffer fileHeader(boolean own) {
    return ByteBuffer.allocate(FILE_HEADER).putLong(MAGIC).putLong(own ? 1 : 0).flip();
  }
}
