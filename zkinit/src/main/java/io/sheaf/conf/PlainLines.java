package io.sheaf.conf;

import io.sheaf.conf.IniFile.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An INI file as Python's {@code configparser} reads it: a value is all that follows the first
 * {@code =} or {@code :}, with its quotes, and with what looks like a comment behind it. Lines that
 * are indented further than their key go on with its value. {@code %%} is a percent sign;
 * references such as {@code %(name)s} are refused.
 */
final class PlainLines {
  private final Path file;
  final Map<String, Integer> sections = new LinkedHashMap<>();
  final List<Entry> entries = new ArrayList<>();

  /** The entry that is being read, and its indentation. */
  private @Nullable Entry open;

  private int indent;
  private @Nullable String section;

  private PlainLines(Path file) {
    this.file = file;
  }

  /**
   * Reads a text.
   *
   * @param file for messages
   * @throws ConfException with the line, when it is no such text
   */
  static PlainLines of(Path file, String text) {
    PlainLines lines = new PlainLines(file);
    List<String> all = text.lines().toList();
    for (int i = 0; i < all.size(); i++) {
      lines.read(all.get(i), i + 1);
    }
    lines.close();
    return lines;
  }

  private void read(String raw, int number) {
    String line = raw.strip();
    int column = raw.indexOf(line);
    if (line.isEmpty()) {
      goOn(""); // in the middle of a value it counts
    } else if (line.startsWith("#") || line.startsWith(";")) {
      return;
    } else if (open != null && column > indent) {
      if (line.startsWith("[")) {
        throw bad(number, "an indented line goes on with the value above: indent it less");
      }
      goOn(line);
    } else if (line.startsWith("[") && line.contains("]")) {
      begin(line.substring(1, line.lastIndexOf(']')).strip(), number);
    } else {
      indent = column;
      add(line, number);
    }
  }

  private void goOn(String line) {
    Entry entry = open;
    if (entry != null) {
      open = new Entry(entry.section(), entry.key(), entry.value() + "\n" + line, entry.line());
    }
  }

  private void begin(String name, int number) {
    close();
    section = name;
    Integer before = sections.putIfAbsent(name, number);
    if (before != null) {
      throw bad(number, "[" + name + "] is there twice, first in line " + before + ": keep one");
    }
  }

  private void add(String line, int number) {
    close();
    String in = section;
    if (in == null) {
      throw bad(number, "a key outside a section: begin one, such as [session]");
    }
    int end = 0;
    while (end < line.length() && line.charAt(end) != '=' && line.charAt(end) != ':') {
      end++;
    }
    String key = line.substring(0, end).strip();
    if (end == line.length() || key.isEmpty()) {
      throw bad(number, "neither a section nor a key with a value: write key=value");
    }
    entries.stream()
        .filter(e -> e.section().equals(in) && e.key().equals(key))
        .findFirst()
        .ifPresent(e -> twice(number, e));
    open = new Entry(in, key, line.substring(end + 1).strip(), number);
  }

  private void twice(int number, Entry before) {
    throw bad(
        number,
        before.key()
            + " is in ["
            + before.section()
            + "] twice, first in line "
            + before.line()
            + ": keep one");
  }

  private void close() {
    Entry entry = open;
    if (entry != null) {
      String value = percent(entry.value().stripTrailing(), entry.line());
      entries.add(new Entry(entry.section(), entry.key(), value, entry.line()));
    }
    open = null;
  }

  private String percent(String value, int number) {
    if (value.replace("%%", "").contains("%")) {
      throw bad(number, "no value is looked up for %: write %% where a percent sign is meant");
    }
    return value.replace("%%", "%");
  }

  private ConfException bad(int number, String message) {
    return new ConfException(file + ":" + number + ": " + message);
  }
}
