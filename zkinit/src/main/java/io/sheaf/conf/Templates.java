package io.sheaf.conf;

import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names in a setting that each process replaces: {@code /run/sheaf/%(node)s.sock}. */
public final class Templates {
  private static final Pattern PLACE = Pattern.compile("%(?:\\(([^)]*)\\)s|(%))?");

  private Templates() {}

  /**
   * The text with each {@code %(name)s} replaced by its value, and each {@code %%} by a percent
   * sign. Values are taken as they are: what looks like a template in one stays.
   *
   * @throws ConfException on a name that is not among the values, with those that are, and on any
   *     other percent sign
   */
  public static String expand(String text, Map<String, String> values) {
    return PLACE
        .matcher(text)
        .replaceAll(place -> Matcher.quoteReplacement(value(text, place, values)));
  }

  private static String value(String text, MatchResult place, Map<String, String> values) {
    if (place.group(2) != null) {
      return "%";
    }
    String name = place.group(1);
    String value = name == null ? null : values.get(name);
    if (value == null) {
      throw new ConfException(
          '"'
              + text
              + "\": "
              + (name == null ? "a lone %" : "no value is named %(" + name + ")s")
              + ": use %("
              + String.join(")s, %(", new TreeSet<>(values.keySet()))
              + ")s, or %% for a percent sign");
    }
    return value;
  }
}
