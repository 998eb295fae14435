package io.sheaf.cli;

/**
 * The level from which Sheaf logs when {@code SHEAF_LOG} does not say. A class of its own, so that
 * a command may choose it without loading the logging library.
 */
final class DefaultLogLevel {
  private static volatile String level = "info";

  private DefaultLogLevel() {}

  static String get() {
    return level;
  }

  /** For commands that tell a person themselves how they go on; only before the first log line. */
  static void quiet() {
    level = "warn";
  }
}
