package io.sheaf.cli;

import io.sheaf.deposit.SegmentRule;
import org.jspecify.annotations.Nullable;

/** The option {@code --segment}. */
final class Segments {
  static final String DESCRIPTION =
      "Cut the log into entries, at line feeds: by age, as 5m, by bytes, as 64M, or by both, as"
          + " 5m,64M.";

  private Segments() {}

  static SegmentRule option(@Nullable String text) {
    try {
      return text == null ? SegmentRule.NONE : SegmentRule.parse(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          "--segment " + text + ": " + e.getMessage() + "; give 5m, 64M or 5m,64M");
    }
  }
}
