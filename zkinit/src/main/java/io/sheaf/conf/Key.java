package io.sheaf.conf;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A setting: its name, its section in an INI file, its type and default. */
public final class Key<T> {
  private final String section;
  private final String name;
  private final @Nullable String defaultText;
  private final ValueType<T> type;
  private final String doc;
  private final boolean session;

  Key(
      String section,
      String name,
      @Nullable String defaultText,
      ValueType<T> type,
      String doc,
      boolean session) {
    this.section = section;
    this.name = name;
    this.defaultText = defaultText;
    this.type = type;
    this.doc = doc;
    this.session = session;
  }

  /** As in an INI file: {@code rotate_bytes}. */
  public String name() {
    return name;
  }

  public String section() {
    return section;
  }

  /** As on a command line: {@code --rotate-bytes}. */
  public String option() {
    return "--" + name.replace('_', '-');
  }

  /** As in the environment: {@code SHEAF_ROTATE_BYTES}. */
  public String variable() {
    return "SHEAF_" + name.toUpperCase(Locale.ROOT);
  }

  /** The default as a user would write it; null when there is none. */
  public @Nullable String defaultText() {
    return defaultText;
  }

  /** One line for a user. */
  public String doc() {
    return doc;
  }

  /** What a value may look like: {@code stored or deflated}. */
  public String allowed() {
    return type.allowed();
  }

  /** Whether the value belongs to the session, fixed by its creator. */
  public boolean session() {
    return session;
  }

  /** Parses one value; an IllegalArgumentException says that it is bad, not what is allowed. */
  T parse(String text) {
    return type.parse(text);
  }

  /** The one text of a value, however it was written: {@code 300s} gives {@code 5m}. */
  public String format(T value) {
    return type.format(value);
  }

  @Override
  public String toString() {
    return name;
  }
}
