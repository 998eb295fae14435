package io.sheaf.conf;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;

/** Times as users and Slurm write them. */
public final class Instants {
  private Instants() {}

  /**
   * Reads 2026-03-01T12:00 (in this process's time zone), 2026-03-01T12:00:00+01:00, seconds since
   * the epoch, or +2h from now; anything else is an IllegalArgumentException.
   */
  public static Instant parse(String text) {
    if (text.startsWith("+")) {
      return Instant.now().plus(Units.parseDuration(text.substring(1)));
    }
    if (text.matches("\\d{9,12}")) {
      return Instant.ofEpochSecond(Long.parseLong(text));
    }
    try {
      return dateTime(text.replace(' ', 'T'));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("no time: " + text, e);
    }
  }

  private static Instant dateTime(String text) {
    if (text.matches(".*T.*(Z|[+-]\\d\\d:?\\d\\d)")) {
      return OffsetDateTime.parse(text.replaceAll("([+-]\\d\\d)(\\d\\d)$", "$1:$2")).toInstant();
    }
    return LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant();
  }
}
