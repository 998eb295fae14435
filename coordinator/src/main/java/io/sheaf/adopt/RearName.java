package io.sheaf.adopt;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What rear calls its temp zips: {@code <host>-<yymmdd_HHMMSS>.zip}, in UTC. */
final class RearName {
  private static final Pattern FORM =
      Pattern.compile("(?:.*-)?(\\d\\d)(\\d\\d)(\\d\\d)_(\\d\\d)(\\d\\d)(\\d\\d)\\.zip");

  /** Of two digits for a year those from here on are of the last century: POSIX, strptime. */
  private static final int LAST_CENTURY = 69;

  private RearName() {}

  /** When the zip was begun, in seconds since the epoch; empty for any other name. */
  static OptionalLong second(String file) {
    Matcher m = FORM.matcher(file);
    if (!m.matches()) {
      return OptionalLong.empty();
    }
    int[] n = new int[6];
    for (int i = 0; i < n.length; i++) {
      n[i] = Integer.parseInt(m.group(i + 1));
    }
    int year = n[0] + (n[0] < LAST_CENTURY ? 2000 : 1900);
    try {
      // A leap second, which strptime takes, is the one before.
      return OptionalLong.of(
          LocalDateTime.of(year, n[1], n[2], n[3], n[4], Math.min(59, n[5]))
              .toEpochSecond(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      return OptionalLong.empty();
    }
  }
}
