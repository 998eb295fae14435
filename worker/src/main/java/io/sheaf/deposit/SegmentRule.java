package io.sheaf.deposit;

import io.sheaf.conf.Units;
import java.time.Duration;

/**
 * When a log is cut, so that what it has becomes an entry while it goes on.
 *
 * @param millis age of a segment, 0 for any
 * @param bytes length of a segment, 0 for any
 */
public record SegmentRule(long millis, long bytes) {
  /** The whole log becomes one entry. */
  public static final SegmentRule NONE = new SegmentRule(0, 0);

  private static final long SHORTEST_MILLIS = 1_000;

  /**
   * Reads {@code 5m}, {@code 64M} or both with a comma between them. A number with the unit s, m, h
   * or d is an age; k, M, G or none are bytes, as are KiB and the like.
   *
   * @throws IllegalArgumentException that says what is wrong
   */
  public static SegmentRule parse(String text) {
    long millis = 0;
    long bytes = 0;
    for (String part : text.split(",", -1)) {
      String limit = part.strip();
      if (isAge(limit)) {
        millis = Units.parseDuration(limit).toMillis();
        require(millis >= SHORTEST_MILLIS, "a segment must last for 1s at least");
      } else {
        bytes = Units.parseSize(limit);
        require(bytes > 0, "a segment must have a byte at least");
      }
    }
    return new SegmentRule(millis, bytes);
  }

  private static boolean isAge(String text) {
    return !text.isEmpty() && "smhd".indexOf(text.charAt(text.length() - 1)) >= 0;
  }

  private static void require(boolean right, String otherwise) {
    if (!right) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  boolean isNone() {
    return millis == 0 && bytes == 0;
  }

  /** The same as {@link #parse} reads it; empty for none. */
  String text() {
    String age = millis == 0 ? "" : Units.formatDuration(Duration.ofMillis(millis));
    String length = bytes == 0 ? "" : Long.toString(bytes);
    return age + (age.isEmpty() || length.isEmpty() ? "" : ",") + length;
  }

  /** The name of the entry that a segment becomes: a number before the last dot. */
  static String nameOf(String entry, int segment) {
    if (segment == 0) {
      return entry;
    }
    int name = entry.lastIndexOf('/') + 1;
    int dot = entry.lastIndexOf('.');
    int at = dot > name ? dot : entry.length();
    return entry.substring(0, at) + "." + segment + entry.substring(at);
  }
}
