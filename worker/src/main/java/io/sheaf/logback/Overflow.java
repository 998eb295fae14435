package io.sheaf.logback;

import java.util.Locale;

/** What becomes of an event when the memory for events is used up. */
enum Overflow {
  /** The thread that logs waits. */
  BLOCK,
  /** The oldest events that were not sent go; they are counted, and the log says so. */
  DROP,
  /** The event goes; each is told as an error of the appender. */
  RAISE;

  static Overflow parse(String text) {
    try {
      return valueOf(text.strip().toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "overflow is block, drop or raise, not \"" + text + '"', e);
    }
  }
}
