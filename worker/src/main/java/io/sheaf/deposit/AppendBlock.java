package io.sheaf.deposit;

import io.sheaf.batch.AppendRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records on their way to a log, one behind the other. Whoever appends fills it, under the lock of
 * the queue; then the writer's thread has it.
 */
final class AppendBlock {
  static final int SIZE = 64 << 10;

  /** Less room than this is left empty rather than filled with a sliver of a record. */
  private static final int SLIVER = 1 << 10;

  final ByteBuffer bytes;
  @Nullable AppendSegment[] owners = new AppendSegment[16];
  int[] starts = new int[16];
  long[] places = new long[16];
  @Nullable AppendLog[] logs = new AppendLog[16];
  int records;

  /** To be done when the records are written; more may have come behind them. */
  final List<Runnable> steps = new ArrayList<>();

  AppendBlock(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /** How many bytes of contents it takes now; 0 when it is as good as full. */
  int room() {
    int room = bytes.remaining() - AppendRecord.HEADER;
    return room < SLIVER ? 0 : room;
  }

  void add(
      AppendSegment owner, AppendRecord.Kind kind, long offset, long time, ByteBuffer payload) {
    if (records == starts.length) {
      grow();
    }
    owners[records] = owner;
    starts[records++] = bytes.position();
    AppendRecord.begin(bytes, kind, owner.key, offset, time, payload.remaining());
    bytes.put(payload);
  }

  private void grow() {
    owners = Arrays.copyOf(owners, 2 * records);
    starts = Arrays.copyOf(starts, 2 * records);
    places = Arrays.copyOf(places, 2 * records);
    logs = Arrays.copyOf(logs, 2 * records);
  }

  /** Where a record ends. */
  int end(int record) {
    return record + 1 < records ? starts[record + 1] : bytes.position();
  }

  boolean isOpen(int record) {
    return AppendRecord.isOpenAt(bytes, starts[record]);
  }

  /** Bytes of contents that a record brings, for OPEN those that it carries. */
  int contents(int record) {
    int length = end(record) - starts[record] - AppendRecord.HEADER;
    return isOpen(record)
        ? length - Integer.BYTES - bytes.getInt(starts[record] + AppendRecord.HEADER)
        : length;
  }

  void clear() {
    bytes.clear();
    Arrays.fill(owners, 0, records, null);
    Arrays.fill(logs, 0, records, null);
    records = 0;
    steps.clear();
  }
}
