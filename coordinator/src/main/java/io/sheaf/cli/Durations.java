package io.sheaf.cli;

import io.sheaf.conf.Units;
import java.time.Duration;

/** Durations that are options of one command and no settings. */
final class Durations {
  private Durations() {}

  static Duration option(String option, String text) {
    try {
      return Units.parseDuration(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException(option + " " + text + " is no duration: use 30s, 5m or 2h");
    }
  }
}
