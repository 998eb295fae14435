package io.sheaf.cli;

import io.sheaf.conf.Key;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Values for any setting, made from what it says that it allows. */
final class Samples {
  private Samples() {}

  /** A good value; two of neighbouring numbers differ, if the setting has two at all. */
  static String good(Key<?> key, int number) {
    List<String> all = good(key);
    return all.get(number % all.size());
  }

  private static List<String> good(Key<?> key) {
    return switch (key.placeholder()) {
      case "TIME" -> numbered("1%ds");
      case "SIZE" -> numbered("1%dK");
      case "N" -> numbers(key.allowed());
      case "BOOL" -> List.of("true", "false");
      case "WORD" -> words(key.allowed());
      case "DIR", "PATH" -> numbered("/path/%d");
      case "NAME" -> numbered("NAME_%d");
      case "NAMES" -> numbered("name%d");
      case "QUOTAS" -> numbered("logs/=%dG:100");
      case "WHEN" -> numbered("2030-01-0%dT00:00:00Z");
      case "TEXT" -> numbered("host%d:2181");
      default -> throw new AssertionError(key + " has values of a new kind, " + key.placeholder());
    };
  }

  private static List<String> numbered(String format) {
    return Stream.of(1, 2, 3, 4, 5).map(n -> String.format(format, n)).toList();
  }

  /** From {@code a number from 1 to 1024}. */
  private static List<String> numbers(String allowed) {
    int least = Integer.parseInt(allowed.replaceAll("\\D*(\\d+) to .*", "$1"));
    return Stream.of(1, 2, 3, 4, 5).map(n -> String.valueOf(least + n)).toList();
  }

  /** From {@code all, first, last or error}. */
  private static List<String> words(String allowed) {
    return Arrays.asList(allowed.replaceFirst("^only ", "").split(", | or ", -1));
  }

  /** A value that the setting refuses. */
  static String bad(Key<?> key) {
    List<String> candidates = new ArrayList<>(List.of("not/a value!", ""));
    candidates.removeIf(candidate -> key.canonical(candidate).isPresent());
    return candidates.get(0);
  }
}
