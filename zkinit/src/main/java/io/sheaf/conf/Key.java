package io.sheaf.conf;

import java.util.Locale;
import java.util.Optional;
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

  /** For usage texts: {@code SIZE}. */
  public String placeholder() {
    return type.placeholder();
  }

  /** A bad value as a message may show it. */
  String shown(String text) {
    return type.equals(ValueTypes.VARIABLE) ? Secret.STARS : '"' + text + '"';
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

  /** The text as {@link #format} gives it; empty for a bad value. */
  public Optional<String> canonical(String text) {
    try {
      return Optional.of(format(parse(text)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
