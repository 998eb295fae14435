package io.sheaf.conf;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** The values of all settings, with their origin. Immutable. */
public final class Settings {
  private Settings() {}

  public static Builder builder() {
    throw new UnsupportedOperationException();
  }

  /**
   * The value of a setting that is needed.
   *
   * @throws ConfException when it is not given and has no default; the message names the ways to
   *     give it
   */
  public <T> T get(Key<T> key) {
    throw new UnsupportedOperationException();
  }

  public <T> Optional<T> find(Key<T> key) {
    throw new UnsupportedOperationException();
  }

  /** The value as text, the same for equal values: {@code 300s} gives {@code 5m}. */
  public Optional<String> text(Key<?> key) {
    throw new UnsupportedOperationException();
  }

  public Origin origin(Key<?> key) {
    throw new UnsupportedOperationException();
  }

  /** Whether the user of this process gave it, by option, environment or file. */
  public boolean isExplicit(Key<?> key) {
    throw new UnsupportedOperationException();
  }

  /** The values of those keys that belong to a session, by name. */
  public SortedMap<String, String> sessionParameters() {
    throw new UnsupportedOperationException();
  }

  /** These settings with the session's values for those keys that were not set explicitly. */
  public Settings withSession(String session, Map<String, String> parameters) {
    throw new UnsupportedOperationException();
  }

  /** The password of the user of ZooKeeper, read now from the file or variable that names it. */
  public Optional<Secret> password() {
    throw new UnsupportedOperationException();
  }

  /** The worker's socket: as given, or the default one of the session. */
  public Path socket() {
    throw new UnsupportedOperationException();
  }

  /** Collects the sources; {@link #build} parses and checks them. */
  public static final class Builder {
    private Builder() {}

    public Builder option(Key<?> key, String text) {
      throw new UnsupportedOperationException();
    }

    /** Options by key name, as given on the command line. */
    public Builder options(Map<String, String> texts) {
      throw new UnsupportedOperationException();
    }

    /** Variables that are not {@code SHEAF_} and the name of a key are ignored. */
    public Builder environment(Map<String, String> variables) {
      throw new UnsupportedOperationException();
    }

    /** INI files; a later one wins over an earlier one. */
    public Builder files(Collection<Path> files) {
      throw new UnsupportedOperationException();
    }

    /**
     * @throws ConfException on an unknown section or key, a bad value or a file that cannot be read
     */
    public Settings build() {
      throw new UnsupportedOperationException();
    }
  }
}
