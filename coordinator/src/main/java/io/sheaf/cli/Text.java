package io.sheaf.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Numbers and tables as people read them. */
final class Text {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  private Text() {}

  /** A count with separators: 12,345. */
  static String count(long n) {
    // A formatter is only worth its loading where there is something to separate.
    return Math.abs(n) < 1_000 ? Long.toString(n) : String.format(Locale.ROOT, "%,d", n);
  }

  /** A count with its noun: 1 file, 2 files. */
  static String count(long n, String noun) {
    return count(n) + " " + (n == 1 ? noun : plural(noun));
  }

  private static String plural(String noun) {
    if (noun.endsWith("y")) {
      return noun.substring(0, noun.length() - 1) + "ies";
    }
    return noun + (noun.endsWith("ch") ? "es" : "s");
  }

  /** A size in binary units: 3.4 MiB. */
  static String bytes(long n) {
    double value = n;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0 ? n + " B" : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }

  /** An interval, roughly: 0.4 s, 12 s, 3 min, 5 h. */
  static String interval(Duration d) {
    double seconds = d.toMillis() / 1000.0;
    if (seconds < 10) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    if (seconds < 120) {
      return String.format(Locale.ROOT, "%.0f s", seconds);
    }
    return seconds < 7200
        ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
        : String.format(Locale.ROOT, "%.0f h", seconds / 3600);
  }

  /** Lines of columns: the first is aligned left, columns with a number sign to the right. */
  static final class Table {
    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] right;

    /** A table with a heading; a column whose heading begins with '#' is aligned right. */
    Table(String... headings) {
      right = new boolean[headings.length];
      String[] clean = headings.clone();
      for (int i = 0; i < headings.length; i++) {
        right[i] = headings[i].startsWith("#");
        clean[i] = right[i] ? headings[i].substring(1) : headings[i];
      }
      rows.add(clean);
    }

    void row(String... cells) {
      rows.add(cells);
    }

    void print(PrintWriter out) {
      int[] widths = new int[right.length];
      for (String[] row : rows) {
        for (int i = 0; i < row.length; i++) {
          widths[i] = Math.max(widths[i], row[i].length());
        }
      }
      rows.forEach(row -> out.println(line(row, widths)));
    }

    private String line(String[] row, int[] widths) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.length; i++) {
        String padding = " ".repeat(widths[i] - row[i].length());
        line.append(i == 0 ? "" : "  ");
        line.append(right[i] ? padding + row[i] : row[i] + padding);
      }
      return line.toString().stripTrailing();
    }
  }
}
