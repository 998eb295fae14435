package io.sheaf.deposit;

import io.sheaf.batch.AppendLogName;
import io.sheaf.batch.AppendRecord;
import io.sheaf.batch.AppendRecord.Kind;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.SegmentContents;
import io.sheaf.batch.SegmentKey;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The append logs of a worker: one that streams share, until it is full; those before it that
 * segments still need; and one for each of the segments that grew large. All of the writer's
 * thread, except for {@link #file} and {@link #all}.
 */
final class AppendLogs implements SegmentContents.Logs, AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(AppendLogs.class);

  /**
   * When logs are given up for others.
   *
   * @param logBytes at which a shared log is full
   * @param ownAfter bytes of a segment in shared logs after which it gets one alone
   * @param owns logs of that kind at a time
   */
  record Limits(long logBytes, long ownAfter, int owns) {
    static final Limits DEFAULT = new Limits(64 << 20, 1 << 20, 200);

    /** Of a segment in shared logs: when it is read, the places of all are held in memory. */
    static final int RECORDS = 64 << 10;

    /** A segment in more logs than this holds up the deletion of too many. */
    static final int LOGS = 4;
  }

  private final Disk disk;
  private final BaseDirectory base;
  private final String worker;
  private final Limits limits;
  private final ConcurrentNavigableMap<Long, AppendLog> open = new ConcurrentSkipListMap<>();
  private final Set<AppendSegment> live = new LinkedHashSet<>();
  private @Nullable AppendLog shared;
  private long last;
  private int owns;
  private boolean undeleted;

  AppendLogs(Disk disk, BaseDirectory base, String worker, Limits limits) {
    this.disk = disk;
    this.base = base;
    this.worker = worker;
    this.limits = limits;
  }

  /** The log for the next record of a segment. */
  AppendLog of(AppendSegment segment) throws IOException {
    AppendLog own = segment.own;
    if (own == null && wantsOwn(segment)) {
      own = createOwn(segment);
    }
    return own == null ? shared() : own;
  }

  private @Nullable AppendLog createOwn(AppendSegment segment) {
    try {
      AppendLog own = create(true);
      segment.own = own;
      segment.touch(own);
      owns++;
      return own;
    } catch (IOException e) {
      logger.warn("a large log stays with the others: {}", e.getMessage());
      segment.stays = true;
      return null;
    }
  }

  private boolean wantsOwn(AppendSegment segment) {
    if (segment.stays) {
      return false;
    }
    return segment.logRecords >= Limits.RECORDS
        || (owns < limits.owns()
            && (segment.logBytes >= limits.ownAfter() || segment.logs.size() > Limits.LOGS));
  }

  /** The log that is shared now. */
  AppendLog shared() throws IOException {
    AppendLog log = shared;
    if (log == null || log.isBroken() || (log.end() >= limits.logBytes() && !log.isPlanned())) {
      log = create(false);
      shared = log;
    }
    return log;
  }

  private AppendLog create(boolean own) throws IOException {
    AppendLog log = AppendLog.create(disk, base, worker, ++last, own);
    open.put(log.number(), log);
    return log;
  }

  @Override
  public DiskFile file(long number) throws IOException {
    AppendLog log = open.get(number);
    if (log == null) {
      throw new IOException("append log " + number + " is gone");
    }
    return log.file();
  }

  /** All that are open. */
  Collection<AppendLog> all() {
    return open.values();
  }

  /** A segment has records in a log now. */
  void opened(AppendSegment segment) {
    live.add(segment);
  }

  /** Segments that have records in a log. */
  List<AppendSegment> in(AppendLog log) {
    return live.stream().filter(segment -> segment.logs.contains(log)).toList();
  }

  /** Writes that segments have ended, not yet durably; returns the log that says it. */
  AppendLog writeEnds(List<AppendSegment> segments) throws IOException {
    ByteBuffer records = ByteBuffer.allocate(segments.size() * AppendRecord.HEADER);
    for (AppendSegment segment : segments) {
      int at = records.position();
      AppendRecord.begin(records, Kind.END, segment.key, segment.size, segment.time, 0);
      AppendRecord.complete(records, at, segment.tail);
    }
    return write(records.flip());
  }

  private AppendLog write(ByteBuffer records) throws IOException {
    AppendLog log = shared();
    log.reserve(records.remaining());
    log.plan(records);
    log.write();
    return log;
  }

  /** These count no more, and a durable record says so, or nothing of them has any contents. */
  void ended(List<AppendSegment> segments) {
    for (AppendSegment segment : segments) {
      if (live.remove(segment)) {
        segment.logs.forEach(log -> log.live--);
        owns -= segment.own == null ? 0 : 1;
      }
    }
    reclaim();
  }

  /** Deletes the logs that nobody needs; what cannot be deleted now is tried again. */
  void reclaim() {
    try {
      deleteOwn();
      deleteShared();
    } catch (IOException e) {
      logger.warn("append logs that nobody needs any more stay for now: {}", e.getMessage());
    }
  }

  private void deleteOwn() throws IOException {
    for (AppendLog log : List.copyOf(open.values())) {
      if (log.isOwn() && log.live == 0) {
        delete(log);
      }
    }
  }

  /**
   * A log holds the ends of segments that have records in earlier ones too. Those that stay must
   * not make segments of them that have ended, so it is written down, durably, which still count;
   * and each deletion is durable before the next.
   */
  private void deleteShared() throws IOException {
    for (AppendLog log : List.copyOf(open.values())) {
      if (log.isOwn() || log.live > 0 || (isCurrent(log) && !live.isEmpty())) {
        continue;
      }
      keepEarlier(log);
      syncDeletions();
      delete(log);
      if (isCurrent(log)) {
        shared = null;
      }
    }
    syncDeletions();
  }

  @SuppressWarnings("ReferenceEquality") // there is one
  private boolean isCurrent(AppendLog log) {
    return log == shared;
  }

  private void delete(AppendLog log) throws IOException {
    log.delete();
    open.remove(log.number());
    undeleted = true;
  }

  private void syncDeletions() throws IOException {
    if (undeleted) {
      disk.syncDirectory(base.inbox(AppendLogName.PLACE));
      undeleted = false;
    }
  }

  private void keepEarlier(AppendLog log) throws IOException {
    AppendLog written = null;
    for (AppendLog earlier : open.headMap(log.number()).values()) {
      if (!earlier.isOwn() && earlier.live > 0) {
        written = writeKept(earlier);
      }
    }
    if (written != null) {
      written.sync();
    }
  }

  private AppendLog writeKept(AppendLog log) throws IOException {
    List<SegmentKey> keys = new ArrayList<>();
    in(log).forEach(segment -> keys.add(segment.key));
    int payload = keys.size() * (Long.BYTES + Integer.BYTES);
    ByteBuffer record = ByteBuffer.allocate(AppendRecord.HEADER + payload);
    AppendRecord.begin(record, Kind.KEEP, new SegmentKey(log.number(), 0), 0, 0, payload);
    keys.forEach(key -> record.putLong(key.stream()).putInt(key.segment()));
    AppendRecord.complete(record, 0, AppendRecord.NONE);
    return write(record.flip());
  }

  /** Lets go of all logs; those that segments need stay behind, for salvage. */
  @Override
  public void close() {
    for (AppendLog log : open.values()) {
      try {
        log.close();
      } catch (IOException e) {
        logger.warn("an append log stays open: {}", e.getMessage());
      }
    }
  }
}
