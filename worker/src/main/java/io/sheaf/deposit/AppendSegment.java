package io.sheaf.deposit;

import io.sheaf.batch.AppendRecord;
import io.sheaf.batch.SegmentContents;
import io.sheaf.batch.SegmentHead;
import io.sheaf.batch.SegmentKey;
import io.sheaf.zip.DepositId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of a log stream that becomes one entry. */
final class AppendSegment implements Kept {
  final LogStream stream;
  final SegmentKey key;
  final SegmentHead head;

  /** Of its first byte in the stream. */
  final long start;

  /** When it was opened, milliseconds. */
  final long opened;

  private final Keeper keeper;

  // Of the stream, under its lock:
  long size;
  long time;

  // Of the writer's thread:
  long tail = AppendRecord.NONE;
  long planned = AppendRecord.NONE;
  long written;
  long logBytes;
  int logRecords;
  boolean failed;

  /** No log of its own could be made. */
  boolean stays;

  @Nullable AppendLog own;
  final List<AppendLog> logs = new ArrayList<>(1);

  private volatile boolean taken;
  volatile boolean ended;

  AppendSegment(
      LogStream stream, Keeper keeper, SegmentKey key, SegmentHead head, long start, long opened) {
    this.stream = stream;
    this.keeper = keeper;
    this.key = key;
    this.head = head;
    this.start = start;
    this.opened = opened;
    this.time = opened;
  }

  /** What of it is in the logs, by the writer's thread. */
  SegmentContents contents(long length) {
    AppendLog log = own;
    return new SegmentContents(
        key, tail, log == null ? 0 : log.number(), log == null ? 0 : log.end(), length);
  }

  /** By which its entry is known. */
  DepositId id() {
    return key.id(stream.worker());
  }

  void touch(AppendLog log) {
    if (!logs.contains(log)) {
      logs.add(log);
      log.live++;
    }
  }

  @Override
  public void taken() {
    taken = true;
  }

  boolean isTaken() {
    return taken;
  }

  @Override
  public Keeper keeper() {
    return keeper;
  }
}
