package io.sheaf.conf;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The types of values that settings have. */
final class ValueTypes {
  private ValueTypes() {}

  static final ValueType<Duration> DURATION =
      new ValueType<>(
          "TIME",
          "a duration such as 500ms, 30s, 5m or 2h",
          Units::parseDuration,
          Units::formatDuration);

  static final ValueType<Duration> POSITIVE_DURATION =
      new ValueType<>(
          "TIME",
          "a duration above 0 such as 500ms, 30s, 5m or 2h",
          text -> positive(Units.parseDuration(text), Duration.ZERO),
          Units::formatDuration);

  static final ValueType<Long> SIZE =
      new ValueType<>(
          "SIZE", "a size such as 4096, 64K, 256M or 50G", Units::parseSize, Units::formatSize);

  static final ValueType<Long> POSITIVE_SIZE =
      new ValueType<>(
          "SIZE",
          "a size above 0 such as 4096, 64K, 256M or 50G",
          text -> positive(Units.parseSize(text), 0L),
          Units::formatSize);

  static final ValueType<String> TEXT =
      new ValueType<>("TEXT", "text", ValueTypes::notEmpty, t -> t);

  static final ValueType<Path> PATH =
      new ValueType<>("PATH", "a path", t -> Path.of(notEmpty(t)), Path::toString);

  /** A path in which {@link Templates} are expanded where it is used. */
  static final ValueType<String> TEMPLATE =
      new ValueType<>("PATH", "a path", ValueTypes::notEmpty, t -> t);

  static final ValueType<Instant> INSTANT =
      new ValueType<>(
          "WHEN",
          "a time such as 2026-03-01T12:00 (local), 2026-03-01T12:00:00+01:00, +2h from now, or"
              + " seconds since the epoch",
          Instants::parse,
          Instant::toString);

  static final ValueType<Path> DIRECTORY =
      new ValueType<>("DIR", "a directory", t -> Path.of(notEmpty(t)), Path::toString);

  /** The name of an environment variable; never shown, for it may be a password by mistake. */
  static final ValueType<String> VARIABLE =
      new ValueType<>(
          "NAME",
          "the name of an environment variable, not the password itself",
          t -> matching(t, "[A-Za-z_][A-Za-z0-9_]*"),
          t -> t);

  static final ValueType<Boolean> FLAG =
      new ValueType<>("BOOL", "true or false", ValueTypes::parseFlag, String::valueOf);

  static final ValueType<String> ZNODE =
      new ValueType<>(
          "PATH", "an absolute path of a znode such as /sheaf", ValueTypes::parseZnode, t -> t);

  /** A name that is one component of a path, in ZooKeeper and on disk. */
  static final ValueType<String> NAME =
      new ValueType<>(
          "NAME",
          "a name of up to 100 letters, digits, '.', '_' and '-', not starting with '.' or '-'",
          t -> matching(t, "[A-Za-z0-9_][A-Za-z0-9._-]{0,99}"),
          t -> t);

  /** Users or groups. */
  static final ValueType<List<String>> ACCOUNTS =
      new ValueType<>(
          "NAMES",
          "names or numbers with commas between them, such as alice,1002",
          ValueTypes::accounts,
          names -> String.join(",", names));

  static final ValueType<List<Quota>> QUOTAS =
      new ValueType<>(
          "QUOTAS",
          "SUBJECT=BYTES:ENTRIES with commas between them, such as logs/=10G:100000,uid:1001=5G:0",
          Quota::parseAll,
          Quota::formatAll);

  static ValueType<Integer> count(int min, int max) {
    return new ValueType<>(
        "N", "a number from " + min + " to " + max, t -> inRange(t, min, max), String::valueOf);
  }

  static ValueType<String> oneOf(List<String> words) {
    return new ValueType<>(
        "WORD",
        or(words),
        t -> {
          String word = t.toLowerCase(Locale.ROOT);
          if (!words.contains(word)) {
            throw new IllegalArgumentException(t);
          }
          return word;
        },
        UnaryOperator.identity());
  }

  static <E extends Enum<E>> ValueType<E> enumeration(Class<E> type) {
    List<String> words =
        Arrays.stream(type.getEnumConstants()).map(ValueTypes::word).collect(Collectors.toList());
    return new ValueType<>(
        "WORD",
        or(words),
        t -> Enum.valueOf(type, t.toUpperCase(Locale.ROOT).replace('-', '_')),
        ValueTypes::word);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String or(List<String> words) {
    int last = words.size() - 1;
    return last == 0
        ? "only " + words.get(0)
        : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
  }

  private static List<String> accounts(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(String::strip)
        .map(name -> matching(name, "[A-Za-z0-9_.][A-Za-z0-9_.@$-]{0,255}"))
        .toList();
  }

  private static int inRange(String text, int min, int max) {
    int value = Integer.parseInt(text);
    if (value < min || value > max) {
      throw new IllegalArgumentException(text);
    }
    return value;
  }

  private static boolean parseFlag(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on" -> true;
      case "false", "no", "off" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static String notEmpty(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("empty");
    }
    return text;
  }

  private static String parseZnode(String text) {
    if (!text.matches("/[^\\p{Cntrl}]*") || (text.length() > 1 && text.matches(".*(//.*|/)"))) {
      throw new IllegalArgumentException(text);
    }
    return text;
  }

  private static <T extends Comparable<T>> T positive(T value, T zero) {
    if (value.compareTo(zero) <= 0) {
      throw new IllegalArgumentException("not above zero");
    }
    return value;
  }

  private static String matching(String text, String pattern) {
    if (!text.matches(pattern)) {
      throw new IllegalArgumentException("not " + pattern);
    }
    return text;
  }
}
