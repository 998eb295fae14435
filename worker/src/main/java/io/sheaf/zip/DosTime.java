package io.sheaf.zip;

import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Times as MS-DOS kept them (APPNOTE 4.4.6): date in the upper half, time in the lower, to two
 * seconds, 1980 to 2107.
 *
 * <p>The format means local time and does not say whose. Sheaf writes UTC, so that the same input
 * gives the same bytes anywhere; the extended timestamp beside it says UTC to all readers.
 */
final class DosTime {
  private static final long FIRST =
      LocalDateTime.of(1980, 1, 1, 0, 0).toEpochSecond(ZoneOffset.UTC);
  private static final long LAST =
      LocalDateTime.of(2107, 12, 31, 23, 59, 58).toEpochSecond(ZoneOffset.UTC);

  private DosTime() {}

  static int of(long epochSecond) {
    long clamped = Math.max(FIRST, Math.min(LAST, epochSecond));
    LocalDateTime t = LocalDateTime.ofEpochSecond(clamped, 0, ZoneOffset.UTC);
    int date = ((t.getYear() - 1980) << 9) | (t.getMonthValue() << 5) | t.getDayOfMonth();
    int time = (t.getHour() << 11) | (t.getMinute() << 5) | (t.getSecond() / 2);
    return (date << 16) | time;
  }

  static long toEpochSecond(int dos) {
    int month = Math.max(1, Math.min(12, dos >>> 21 & 0xF));
    int day = Math.max(1, Math.min(28, dos >>> 16 & 0x1F));
    LocalDateTime first =
        LocalDateTime.of(
            1980 + (dos >>> 25 & 0x7F),
            month,
            day,
            Math.min(23, dos >>> 11 & 0x1F),
            Math.min(59, dos >>> 5 & 0x3F),
            Math.min(59, 2 * (dos & 0x1F)));
    int written = dos >>> 16 & 0x1F;
    return first.plusDays(Math.max(0, written - day)).toEpochSecond(ZoneOffset.UTC);
  }
}
