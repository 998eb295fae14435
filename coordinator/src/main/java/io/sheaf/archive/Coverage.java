package io.sheaf.archive;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which bytes of a batch were dealt with, so that none is deleted with it that was not. */
final class Coverage {
  private final NavigableMap<Long, Long> endByStart = new TreeMap<>();

  /** Bytes from a position on. */
  record Span(long position, long length) {}

  void add(long position, long length) {
    long start = position;
    long end = position + length;
    for (Map.Entry<Long, Long> met = met(start, end); met != null; met = met(start, end)) {
      start = Math.min(start, met.getKey());
      end = Math.max(end, met.getValue());
      endByStart.remove(met.getKey());
    }
    if (end > start) {
      endByStart.put(start, end);
    }
  }

  /** Whether some of the bytes were dealt with. */
  boolean meets(long position, long length) {
    return length > 0 && met(position, position + length) != null;
  }

  /** The last span that has bytes in common with the one given; null without one. */
  private Map.@Nullable Entry<Long, Long> met(long start, long end) {
    Map.Entry<Long, Long> before = end > start ? endByStart.lowerEntry(end) : null;
    return before != null && before.getValue() > start ? before : null;
  }

  /** The bytes before an end that no span covers. */
  List<Span> holes(long end) {
    List<Span> holes = new ArrayList<>();
    long covered = 0;
    for (Map.Entry<Long, Long> span : endByStart.entrySet()) {
      if (span.getKey() > covered) {
        holes.add(new Span(covered, span.getKey() - covered));
      }
      covered = span.getValue();
    }
    if (covered < end) {
      holes.add(new Span(covered, end - covered));
    }
    return holes;
  }
}
