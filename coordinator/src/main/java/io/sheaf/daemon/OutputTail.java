package io.sheaf.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Why a process ended: the last that it printed, for a message of one line. */
public final class OutputTail {
  private static final int LINES = 20;

  private OutputTail() {}

  /** Its last lines, or why they cannot be read. */
  public static String of(Path log) {
    return of(log, 0);
  }

  /**
   * As {@link #of(Path)}.
   *
   * @param before length of what was there before it, in bytes
   */
  static String of(Path log, long before) {
    try {
      byte[] all = Files.readAllBytes(log);
      int from = (int) Math.min(before, all.length);
      String text = new String(all, from, all.length - from, StandardCharsets.UTF_8);
      List<String> lines = text.strip().lines().toList();
      return String.join("; ", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
    } catch (IOException e) {
      return "its output cannot be read: " + e.getMessage();
    }
  }
}
