package io.sheaf.conf;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The values of all settings, with their origin. Immutable. */
public final class Settings {
  private record Value(Object value, Origin origin) {}

  private final Map<Key<?>, Value> values;
  private final Map<String, String> environment;

  private Settings(Map<Key<?>, Value> values, Map<String, String> environment) {
    this.values = values;
    this.environment = environment;
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * The value of a setting that is needed.
   *
   * @throws ConfException when it is not given and has no default; the message names the ways to
   *     give it
   */
  public <T> T get(Key<T> key) {
    return find(key).orElseThrow(() -> missing(key));
  }

  @SuppressWarnings("unchecked") // Builder.put parses each value with its own key
  public <T> Optional<T> find(Key<T> key) {
    Value value = values.get(key);
    return value == null ? Optional.empty() : Optional.of((T) value.value());
  }

  /** The value as text, the same for equal values: {@code 300s} gives {@code 5m}. */
  public Optional<String> text(Key<?> key) {
    return format(key);
  }

  private <T> Optional<String> format(Key<T> key) {
    return find(key).map(key::format);
  }

  /** Of a setting without a value, {@code default}. */
  public Origin origin(Key<?> key) {
    Value value = values.get(key);
    return value == null ? Origin.DEFAULT : value.origin();
  }

  /** Whether the user of this process gave it, by option, environment or file. */
  public boolean isExplicit(Key<?> key) {
    return origin(key).explicit();
  }

  /** The values of those keys that belong to a session, by name. */
  public SortedMap<String, String> sessionParameters() {
    SortedMap<String, String> parameters = new TreeMap<>();
    for (Key<?> key : Keys.all()) {
      if (key.session()) {
        text(key).ifPresent(text -> parameters.put(key.name(), text));
      }
    }
    return parameters;
  }

  /**
   * These settings with the session's values for those keys that were not set explicitly.
   *
   * @throws ConfException when the session has a parameter or value that this Sheaf does not know
   */
  public Settings withSession(String session, Map<String, String> parameters) {
    Map<Key<?>, Value> merged = new LinkedHashMap<>(values);
    Origin origin = new Origin("session " + session, false);
    parameters.forEach(
        (name, text) -> {
          Key<?> key = sessionKey(session, name);
          if (!isExplicit(key)) {
            merged.put(key, new Value(parse(key, text, origin), origin));
          }
        });
    return new Settings(merged, environment);
  }

  /**
   * These settings with further values, by name, that win over all others.
   *
   * @param from where they were found, for messages
   */
  public Settings with(Map<String, String> found, String from) {
    Map<Key<?>, Value> merged = new LinkedHashMap<>(values);
    Origin origin = new Origin(from, false);
    found.forEach(
        (name, text) ->
            Keys.named(name)
                .ifPresent(key -> merged.put(key, new Value(parse(key, text, origin), origin))));
    return new Settings(merged, environment);
  }

  /**
   * These settings with the session's values, whatever was set here.
   *
   * @throws ConfException as {@link #withSession}
   */
  public Settings underSession(String session, Map<String, String> parameters) {
    Map<Key<?>, Value> own = new LinkedHashMap<>(values);
    own.keySet().removeIf(Key::session);
    return new Settings(own, environment).withSession(session, parameters);
  }

  private static Key<?> sessionKey(String session, String name) {
    return Keys.named(name)
        .filter(Key::session)
        .orElseThrow(
            () ->
                new ConfException(
                    "session "
                        + session
                        + " has the parameter "
                        + name
                        + ", which this version does not know: join with the session's version"));
  }

  /** The password of the user of ZooKeeper, read now from the file or variable that names it. */
  public Optional<Secret> password() {
    Optional<Path> file = find(Keys.PASSWORD_FILE);
    Optional<String> variable = find(Keys.PASSWORD_ENV);
    if (file.isPresent() && variable.isPresent()) {
      throw new ConfException(
          "password_file ("
              + origin(Keys.PASSWORD_FILE)
              + ") and password_env ("
              + origin(Keys.PASSWORD_ENV)
              + ") are both given: keep one");
    }
    return file.map(f -> Secrets.fromFile(f, origin(Keys.PASSWORD_FILE).text()))
        .or(() -> variable.map(v -> fromVariable(v)));
  }

  /** The passwords of a ZooKeeper that Sheaf has started, read now from the file that is named. */
  public Optional<Credentials> credentials() {
    return find(Keys.CREDENTIALS)
        .map(file -> CredentialsFile.read(file, origin(Keys.CREDENTIALS).text()));
  }

  private Secret fromVariable(String name) {
    return Secrets.fromVariable(name, environment, origin(Keys.PASSWORD_ENV).text());
  }

  /**
   * The worker's socket: as given, its templates filled in, or the default one of the session.
   *
   * @throws ConfException when a template has no value
   */
  public Path socket() {
    return socket(Map.of());
  }

  /** As {@link #socket()}, with values for more templates. */
  public Path socket(Map<String, String> more) {
    return find(Keys.SOCKET)
        .map(path -> Path.of(expanded(Keys.SOCKET, path.toString(), more)))
        .orElseGet(() -> DefaultSocket.path(environment, get(Keys.SESSION)));
  }

  /** The spool directory of a worker on this node. */
  public Optional<Path> spool() {
    return find(Keys.SPOOL).map(path -> Path.of(expanded(Keys.SPOOL, path, Map.of())));
  }

  private String expanded(Key<?> key, String template, Map<String, String> more) {
    if (template.indexOf('%') < 0) {
      return template; // As most are: the node's names need not be looked up.
    }
    Map<String, String> names = NodeNames.of(environment);
    names.putAll(more);
    find(Keys.SESSION).ifPresent(session -> names.put("session", session));
    try {
      return Templates.expand(template, names);
    } catch (ConfException e) {
      throw new ConfException(
          origin(key) + ": bad value for " + key.name() + ": " + e.getMessage(), e);
    }
  }

  /** A variable of the environment that is no setting of Sheaf; empty also when it is set to "". */
  public Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }

  private static ConfException missing(Key<?> key) {
    return new ConfException(
        "no "
            + key.option()
            + " given: use "
            + key.option()
            + " "
            + key.placeholder()
            + ", "
            + key.variable()
            + " or "
            + key.name()
            + "= in ["
            + key.section()
            + "] of a config file");
  }

  private static <T> T parse(Key<T> key, String text, Origin origin) {
    try {
      return key.parse(text.strip());
    } catch (IllegalArgumentException e) {
      throw new ConfException(
          origin
              + ": bad value "
              + key.shown(text)
              + " for "
              + key.name()
              + ": give "
              + key.allowed(),
          e);
    }
  }

  /** Names and origins of what was given; values are left out. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("Settings[");
    values.forEach(
        (key, value) -> text.append(key).append(" from ").append(value.origin()).append(", "));
    return text.append(']').toString();
  }

  /** Collects the sources; {@link #build} parses and checks them. */
  public static final class Builder {
    private final Map<String, String> options = new LinkedHashMap<>();
    private Map<String, String> environment = Map.of();
    private Collection<Path> files = List.of();

    private Builder() {}

    public Builder option(Key<?> key, String text) {
      options.put(key.name(), text);
      return this;
    }

    /** Options by key name, as given on the command line. */
    public Builder options(Map<String, String> texts) {
      options.putAll(texts);
      return this;
    }

    /** Variables that are not {@code SHEAF_} and the name of a key are ignored. */
    public Builder environment(Map<String, String> variables) {
      environment = Map.copyOf(variables);
      return this;
    }

    /** INI files; a later one wins over an earlier one. */
    public Builder files(Collection<Path> files) {
      this.files = List.copyOf(files);
      return this;
    }

    /**
     * Reads everything and checks every value.
     *
     * @throws ConfException on an unknown section or key, a bad value or a file that cannot be read
     */
    public Settings build() {
      Map<Key<?>, Value> values = new LinkedHashMap<>();
      for (Key<?> key : Keys.all()) {
        String text = key.defaultText();
        if (text != null) {
          put(values, key, text, Origin.DEFAULT);
        }
      }
      files.forEach(file -> readFile(values, IniFile.read(file)));
      for (Key<?> key : Keys.all()) {
        @Nullable String text = environment.get(key.variable());
        if (text != null && !text.isEmpty()) {
          put(values, key, text, new Origin(key.variable(), true));
        }
      }
      options.forEach((name, text) -> putOption(values, name, text));
      return new Settings(values, environment);
    }

    private static void putOption(Map<Key<?>, Value> values, String name, String text) {
      Key<?> key =
          Keys.named(name).orElseThrow(() -> new ConfException("no setting is named " + name));
      put(values, key, text, new Origin(key.option(), true));
    }

    private static void readFile(Map<Key<?>, Value> values, IniFile ini) {
      KnownKeys.checkSections(ini);
      for (IniFile.Entry entry : ini.entries()) {
        Key<?> key = KnownKeys.require(ini, entry);
        put(values, key, entry.value(), new Origin(ini.at(entry), true));
      }
    }

    private static void put(Map<Key<?>, Value> values, Key<?> key, String text, Origin origin) {
      values.put(key, new Value(parse(key, text, origin), origin));
    }
  }
}
