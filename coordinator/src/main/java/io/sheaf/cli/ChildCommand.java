package io.sheaf.cli;

import java.io.IOException;
import java.util.Map;

/** Starts a command that a user has given, with the user's own locale. */
final class ChildCommand {
  private ChildCommand() {}

  /**
   * Starts it.
   *
   * @throws FailedException with the status that shells have when it is not there, or cannot be run
   */
  static Process start(ProcessBuilder builder) {
    restoreLocale(builder.environment());
    try {
      return builder.start();
    } catch (IOException e) {
      boolean there = String.valueOf(e.getMessage()).contains("Permission denied");
      throw new FailedException(
          there ? ExitStatus.CANNOT_RUN : ExitStatus.NO_COMMAND,
          builder.command().get(0)
              + ": "
              + (there ? "cannot be run (permission denied)" : "no such command"));
    }
  }

  /** The launcher needs a UTF-8 locale for file names; the command gets the user's own back. */
  private static void restoreLocale(Map<String, String> environment) {
    String own = environment.remove("SHEAF_USER_LC_ALL");
    if (own == null) {
      return;
    }
    if (own.isEmpty()) {
      environment.remove("LC_ALL");
    } else {
      environment.put("LC_ALL", own);
    }
  }
}
