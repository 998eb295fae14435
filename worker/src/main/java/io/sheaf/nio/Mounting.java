package io.sheaf.nio;

import io.sheaf.conf.Durability;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a file system was made.
 *
 * @param socket of the worker; empty for that of the environment
 * @param durability of what is written; null for the worker's default
 * @param ignoreLate whether attributes that come too late are passed over
 */
record Mounting(String socket, @Nullable Durability durability, boolean ignoreLate) {
  static Mounting of(String socketOfUri, Map<String, ?> env) {
    String socket = socketOfUri;
    Durability durability = null;
    boolean ignoreLate = false;
    for (Map.Entry<String, ?> each : env.entrySet()) {
      String text = String.valueOf(each.getValue());
      switch (each.getKey()) {
        case "socket" -> socket = Path.of(text).toAbsolutePath().toString();
        case "durability" -> durability = durability(text);
        case "late-attributes" -> ignoreLate = isIgnore(text);
        default ->
            throw new IllegalArgumentException(
                each.getKey() + " is no setting: use socket, durability or late-attributes");
      }
    }
    return new Mounting(socket, durability, ignoreLate);
  }

  private static Durability durability(String text) {
    try {
      return Durability.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "durability is none, write or fsync, not \"" + text + '"', e);
    }
  }

  private static boolean isIgnore(String text) {
    if (!text.equals("ignore") && !text.equals("refuse")) {
      throw new IllegalArgumentException(
          "late-attributes is refuse or ignore, not \"" + text + '"');
    }
    return text.equals("ignore");
  }

  /** Of this process's environment, with the socket. */
  Settings settings() {
    Settings.Builder builder = Settings.builder().environment(System.getenv());
    if (!socket.isEmpty()) {
      builder.option(Keys.SOCKET, socket);
    }
    return builder.build();
  }
}
