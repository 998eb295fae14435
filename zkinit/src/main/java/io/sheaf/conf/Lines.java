package io.sheaf.conf;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The lines on which an INI file's sections and keys stand; the parser does not keep them. */
final class Lines {
  private final Map<String, Integer> lines = new HashMap<>();

  private Lines() {}

  /**
   * Finds the lines of all sections and keys.
   *
   * @throws ConfException at a key outside a section, or one that its section has twice, or a
   *     section that comes twice
   */
  static Lines of(Path file, String text) {
    Lines result = new Lines();
    List<String> all = text.lines().toList();
    String section = null;
    boolean continued = false;
    for (int i = 0; i < all.size(); i++) {
      String line = all.get(i).strip();
      boolean comment = line.isEmpty() || line.startsWith("#") || line.startsWith(";");
      if (!continued && !comment) {
        if (line.startsWith("[") && line.endsWith("]")) {
          section = line.substring(1, line.length() - 1);
          result.addSection(file, section, i + 1);
        } else if (section == null) {
          throw new ConfException(
              file + ":" + (i + 1) + ": a key outside a section: begin one, such as [session]");
        } else {
          result.add(file, section, keyOf(line), i + 1);
        }
      }
      continued = !comment && line.endsWith("\\");
    }
    return result;
  }

  private void addSection(Path file, String section, int line) {
    Integer before = lines.putIfAbsent(section, line);
    if (before != null) {
      String where = file + ":" + line + ": [" + section + "] is there twice, first in line ";
      throw new ConfException(where + before + ": keep one");
    }
  }

  private void add(Path file, String section, String key, int line) {
    Integer before = lines.putIfAbsent(section + '\n' + key, line);
    if (before != null) {
      throw new ConfException(
          file
              + ":"
              + line
              + ": "
              + key
              + " is in ["
              + section
              + "] twice, first in line "
              + before
              + ": keep one");
    }
  }

  private static String keyOf(String line) {
    int end = 0;
    while (end < line.length() && line.charAt(end) != '=' && line.charAt(end) != ':') {
      end++;
    }
    return line.substring(0, end).strip();
  }

  /** From 1; 0 when it is not known. */
  int ofSection(String section) {
    return lines.getOrDefault(section, 0);
  }

  int ofKey(String section, String key) {
    return lines.getOrDefault(section + '\n' + key, 0);
  }
}
