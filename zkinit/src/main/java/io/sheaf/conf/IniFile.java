package io.sheaf.conf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.configuration2.INIConfiguration;
import org.apache.commons.configuration2.SubnodeConfiguration;
import org.apache.commons.configuration2.ex.ConfigurationException;
import org.jspecify.annotations.Nullable;

/** An INI file as it was written: sections and entries with their lines, nothing interpreted. */
public final class IniFile {
  /** One {@code key = value}; the value may be empty. */
  public record Entry(String section, String key, String value, int line) {}

  private final Path file;
  private final Map<String, Integer> sections;
  private final List<Entry> entries;

  private IniFile(Path file, Map<String, Integer> sections, List<Entry> entries) {
    this.file = file;
    this.sections = sections;
    this.entries = entries;
  }

  /**
   * Reads a file in UTF-8.
   *
   * @throws ConfException when the file cannot be read, or says a thing twice or outside a section
   */
  public static IniFile read(Path file) {
    String text = textOf(file);
    Lines lines = Lines.of(file, text);
    Map<String, Integer> sections = new LinkedHashMap<>();
    List<Entry> entries = new ArrayList<>();
    INIConfiguration parsed = parse(file, text);
    for (String section : parsed.getSections()) {
      if (section == null) {
        continue; // Lines has refused keys outside a section
      }
      sections.put(section, lines.ofSection(section));
      SubnodeConfiguration values = parsed.getSection(section);
      for (Iterator<String> keys = values.getKeys(); keys.hasNext(); ) {
        String key = keys.next();
        String plain = key.replace("..", ".");
        int line = lines.ofKey(section, plain);
        entries.add(new Entry(section, plain, valueOf(values.getProperty(key)), line));
      }
    }
    return new IniFile(file, sections, entries);
  }

  /**
   * Reads a file in UTF-8 as Python's {@code configparser} does, for files in a format that other
   * programs read too: values keep their quotes, and have no comments behind them.
   *
   * @throws ConfException with the line, when the file says a thing twice or is no such file
   */
  public static IniFile readPlain(Path file) {
    PlainLines lines = PlainLines.of(file, textOf(file));
    return new IniFile(file, lines.sections, lines.entries);
  }

  public Path file() {
    return file;
  }

  /** Names of the sections, in the order of the file, also of those without entries. */
  public List<String> sections() {
    return List.copyOf(sections.keySet());
  }

  public List<Entry> entries() {
    return List.copyOf(entries);
  }

  public List<Entry> entries(String section) {
    return entries.stream().filter(entry -> entry.section().equals(section)).toList();
  }

  /** {@code conf/my.conf:12}, for messages. */
  public String at(Entry entry) {
    return at(entry.line());
  }

  /** Where the section begins, for messages. */
  public String at(String section) {
    return at(sections.getOrDefault(section, 0));
  }

  private String at(int line) {
    return line == 0 ? file.toString() : file + ":" + line;
  }

  private static String textOf(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new ConfException(file + ": no such config file", e);
    } catch (CharacterCodingException e) {
      throw new ConfException(file + ": not UTF-8 text: save it as UTF-8", e);
    } catch (IOException e) {
      throw new ConfException(file + ": cannot read the config file: " + e, e);
    }
  }

  private static INIConfiguration parse(Path file, String text) {
    INIConfiguration ini = new INIConfiguration();
    try {
      ini.read(new BufferedReader(new StringReader(text)));
      return ini;
    } catch (ConfigurationException | IOException e) {
      throw new ConfException(file + ": not an INI file: " + e.getMessage(), e);
    }
  }

  /** Raw, so that nothing like ${...} in a value is looked up. */
  private static String valueOf(@Nullable Object value) {
    if (value instanceof Collection<?> several) {
      return String.join(",", several.stream().map(String::valueOf).toList());
    }
    return value == null ? "" : value.toString();
  }
}
