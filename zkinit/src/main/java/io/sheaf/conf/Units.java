package io.sheaf.conf;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and sizes as users write them. Sizes are binary: 64K is 65,536 bytes. */
public final class Units {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)");
  private static final Pattern SIZE =
      Pattern.compile("(\\d{1,19})\\s*([KMGT]?)(i?B)?", Pattern.CASE_INSENSITIVE);
  private static final String SUFFIXES = "KMGT";

  private Units() {}

  /** Parses 500ms, 30s, 5m, 2h or 1d; anything else is an IllegalArgumentException. */
  public static Duration parseDuration(String text) {
    Matcher matcher = DURATION.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a duration: " + text);
    }
    long count = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  /** The shortest exact text; {@link #parseDuration} reads it. */
  public static String formatDuration(Duration duration) {
    long millis = duration.toMillis();
    if (millis == 0) {
      return "0s";
    }
    if (millis % 3_600_000 == 0) {
      return millis / 3_600_000 + "h";
    }
    if (millis % 60_000 == 0) {
      return millis / 60_000 + "m";
    }
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }

  /** Parses 4096, 64K, 256M, 50G or 1T; anything else is an IllegalArgumentException. */
  public static long parseSize(String text) {
    Matcher matcher = SIZE.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a size: " + text);
    }
    int power = SUFFIXES.indexOf(matcher.group(2).toUpperCase(Locale.ROOT)) + 1;
    if (matcher.group(2).isEmpty()) {
      power = 0;
    }
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * power));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("too large a size: " + text, e);
    }
  }

  /** The shortest exact text; {@link #parseSize} reads it. */
  public static String formatSize(long bytes) {
    int power = 0;
    long rest = bytes;
    while (rest != 0 && rest % 1024 == 0 && power < SUFFIXES.length()) {
      rest /= 1024;
      power++;
    }
    return power == 0 ? Long.toString(bytes) : rest + String.valueOf(SUFFIXES.charAt(power - 1));
  }
}
