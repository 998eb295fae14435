package io.sheaf.cli;

/** What a command prints to its output stream. */
enum OutputFormat {
  /** For people. */
  text,
  /** Exactly one JSON value. */
  json
}
