package io.sheaf.batch;

import io.sheaf.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the append logs of a worker say that is gone: the segments that have not ended, and what
 * cannot be read. The memory that it takes goes with the segments, not with what is in them.
 *
 * <p>Logs are read in the order of their numbers, which is that of the records of each segment. A
 * segment goes as far as its records follow one another: after a power failure one in the middle
 * may be missing, and what comes after it is no part of an entry.
 */
final class AppendScan {
  /** A segment that has not ended. */
  record Unended(SegmentHead head, long time, SegmentContents contents) {}

  /** What follows the last record that holds. */
  record Torn(long log, long from, long length) {}

  private final Map<SegmentKey, Found> found = new HashMap<>();
  private final Set<SegmentKey> ended = new HashSet<>();
  private final Map<Long, Set<SegmentKey>> kept = new HashMap<>();

  /** Segments with records that follow on nothing, by the log that has the first of them. */
  private final Map<SegmentKey, Long> adrift = new HashMap<>();

  private final List<Torn> torn = new ArrayList<>();

  static AppendScan of(SortedMap<Long, DiskFile> logs) throws IOException {
    AppendScan scan = new AppendScan();
    for (Map.Entry<Long, DiskFile> log : logs.entrySet()) {
      scan.read(log.getKey(), log.getValue());
    }
    return scan;
  }

  private void read(long log, DiskFile file) throws IOException {
    AppendLogReader reader = new AppendLogReader(file);
    for (@Nullable AppendRecord r = reader.next(); r != null; r = reader.next()) {
      switch (r.kind()) {
        case OPEN -> open(log, reader.position(), r);
        case DATA -> data(log, reader, r);
        case END -> {
          ended.add(r.key());
          found.remove(r.key());
        }
        case KEEP -> kept.put(r.stream(), keys(r.payload()));
      }
    }
    if (reader.end() < file.size()) {
      torn.add(new Torn(log, reader.end(), file.size() - reader.end()));
    }
  }

  private static Set<SegmentKey> keys(ByteBuffer payload) {
    Set<SegmentKey> keys = new HashSet<>();
    while (payload.remaining() >= Long.BYTES + Integer.BYTES) {
      keys.add(new SegmentKey(payload.getLong(), payload.getInt()));
    }
    return keys;
  }

  private void open(long log, long position, AppendRecord r) throws IOException {
    SegmentKey key = r.key();
    Found before = found.get(new SegmentKey(key.stream(), key.segment() - 1));
    if (before != null && r.offset() >= 0) {
      before.cut = r.offset();
    }
    if (!ended.contains(key)) {
      SegmentHead head = SegmentHead.decode(r.payload());
      long place = AppendRecord.place(log, position);
      found.put(key, new Found(head, log, place, r.payload().remaining(), r.time()));
    }
  }

  private void data(long log, AppendLogReader reader, AppendRecord r) {
    SegmentKey key = r.key();
    Found segment = found.get(key);
    if (segment != null && segment.last == r.previous() && segment.size == r.offset()) {
      segment.add(AppendRecord.place(log, reader.position()), reader, r);
    } else if (!ended.contains(key)) {
      adrift.putIfAbsent(key, log);
    }
  }

  /** The segments to be salvaged, those with contents, in an order of their own. */
  List<Unended> unended() {
    Map<SegmentKey, Unended> sorted = new TreeMap<>(ORDER);
    found.forEach(
        (key, segment) -> {
          long size = segment.cut < 0 ? segment.size : Math.min(segment.size, segment.cut);
          if (size > 0 && isKept(segment.log, key)) {
            SegmentContents contents =
                new SegmentContents(key, segment.tail, segment.own, segment.ownEnd, size);
            sorted.put(key, new Unended(segment.head, segment.time, contents));
          }
        });
    return List.copyOf(sorted.values());
  }

  private static final java.util.Comparator<SegmentKey> ORDER =
      java.util.Comparator.comparingLong(SegmentKey::stream).thenComparing(SegmentKey::segment);

  private boolean isKept(long log, SegmentKey key) {
    Set<SegmentKey> only = kept.get(log);
    return only == null || only.contains(key);
  }

  List<Torn> torn() {
    return torn;
  }

  /**
   * Logs in which there is what follows on nothing: after a power failure, or where a disk errs.
   */
  Set<Long> adrift() {
    Set<Long> logs = new HashSet<>();
    adrift.forEach(
        (key, log) -> {
          if (!ended.contains(key) && isKept(log, key)) {
            logs.add(log);
          }
        });
    return logs;
  }

  private static final class Found {
    final SegmentHead head;
    final long log;
    long tail;
    long last;
    long size;
    long time;
    long cut = -1;
    long own;
    long ownEnd;

    Found(SegmentHead head, long log, long place, long size, long time) {
      this.head = head;
      this.log = log;
      this.tail = place;
      this.last = place;
      this.size = size;
      this.time = time;
    }

    void add(long place, AppendLogReader reader, AppendRecord r) {
      last = place;
      size += r.payload().remaining();
      time = r.time();
      if (reader.isOwn()) {
        own = AppendRecord.logOf(place);
        ownEnd = reader.end();
      } else {
        tail = place;
      }
    }
  }
}
