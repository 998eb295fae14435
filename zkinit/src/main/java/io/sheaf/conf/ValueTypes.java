package io.sheaf.conf;

import java.nio.file.Path;
import java.time.Duration;
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
          "a duration such as 500ms, 30s, 5m or 2h", Units::parseDuration, Units::formatDuration);

  static final ValueType<Long> SIZE =
      new ValueType<>(
          "a size such as 4096, 64K, 256M or 50G", Units::parseSize, Units::formatSize);

  static final ValueType<String> TEXT = new ValueType<>("text", ValueTypes::notEmpty, t -> t);

  static final ValueType<Path> PATH =
      new ValueType<>("a path", t -> Path.of(notEmpty(t)), Path::toString);

  static final ValueType<Boolean> FLAG =
      new ValueType<>("true or false", ValueTypes::parseFlag, String::valueOf);

  static final ValueType<String> ZNODE =
      new ValueType<>(
          "an absolute path of a znode such as /sheaf", ValueTypes::parseZnode, t -> t);

  /** A name that is one component of a path, in ZooKeeper and on disk. */
  static final ValueType<String> NAME =
      new ValueType<>(
          "a name of up to 100 letters, digits, '.', '_' and '-', not starting with '.'",
          ValueTypes::parseName,
          t -> t);

  static ValueType<Integer> count(int min, int max) {
    return new ValueType<>(
        "a number from " + min + " to " + max, t -> inRange(t, min, max), String::valueOf);
  }

  static ValueType<String> oneOf(String... words) {
    return new ValueType<>(
        or(List.of(words)),
        t -> {
          String word = t.toLowerCase(Locale.ROOT);
          if (!List.of(words).contains(word)) {
            throw new IllegalArgumentException(t);
          }
          return word;
        },
        UnaryOperator.identity());
  }

  static <E extends Enum<E>> ValueType<E> enumeration(Class<E> type) {
    List<String> words =
        Arrays.stream(type.getEnumConstants())
            .map(e -> e.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.toList());
    return new ValueType<>(
        or(words),
        t -> Enum.valueOf(type, t.toUpperCase(Locale.ROOT)),
        e -> e.name().toLowerCase(Locale.ROOT));
  }

  private static String or(List<String> words) {
    int last = words.size() - 1;
    return last == 0
        ? "only " + words.get(0)
        : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
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

  private static String parseName(String text) {
    if (!text.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")) {
      throw new IllegalArgumentException(text);
    }
    return text;
  }
}
