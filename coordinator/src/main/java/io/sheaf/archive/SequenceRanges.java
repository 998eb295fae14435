package io.sheaf.archive;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A set of sequence numbers, kept as ranges: {@code 1-40,42}. */
final class SequenceRanges {
  private static final Pattern FORMAT =
      Pattern.compile("\\d{1,18}(-\\d{1,18})?(,\\d{1,18}(-\\d{1,18})?)*");

  private final NavigableMap<Long, Long> lastByFirst = new TreeMap<>();

  static SequenceRanges parse(String text) {
    SequenceRanges ranges = new SequenceRanges();
    if (text.isEmpty()) {
      return ranges;
    }
    if (!FORMAT.matcher(text).matches()) {
      throw new IllegalArgumentException("no ranges of sequence numbers: " + text);
    }
    for (String range : text.split(",", -1)) {
      int dash = range.indexOf('-');
      long first = Long.parseLong(dash < 0 ? range : range.substring(0, dash));
      ranges.lastByFirst.put(first, dash < 0 ? first : Long.parseLong(range.substring(dash + 1)));
    }
    return ranges;
  }

  boolean contains(long seq) {
    Map.Entry<Long, Long> range = lastByFirst.floorEntry(seq);
    return range != null && seq <= range.getValue();
  }

  /** The highest number, 0 without one. */
  long last() {
    return lastByFirst.isEmpty() ? 0 : lastByFirst.lastEntry().getValue();
  }

  void add(long seq) {
    if (contains(seq)) {
      return;
    }
    long first = seq;
    long last = seq;
    Map.Entry<Long, Long> below = lastByFirst.floorEntry(seq);
    if (below != null && below.getValue() == seq - 1) {
      first = below.getKey();
    }
    Long above = lastByFirst.remove(seq + 1);
    if (above != null) {
      last = above;
    }
    lastByFirst.put(first, last);
  }

  @Override
  public String toString() {
    return lastByFirst.entrySet().stream()
        .map(
            r ->
                r.getKey().equals(r.getValue()) ? "" + r.getKey() : r.getKey() + "-" + r.getValue())
        .collect(Collectors.joining(","));
  }
}
