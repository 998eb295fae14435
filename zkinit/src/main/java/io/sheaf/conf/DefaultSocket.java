package io.sheaf.conf;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Where a worker's socket is when nobody says: on the node, in a directory of the user. */
public final class DefaultSocket {
  private DefaultSocket() {}

  static Path path(Map<String, String> environment, String session) {
    return directory(environment).resolve(session + ".sock");
  }

  /** On this node, of this user: {@code sheaf-<uid>} in $XDG_RUNTIME_DIR, $TMPDIR or /tmp. */
  public static Path directory(Map<String, String> environment) {
    return parent(environment).resolve("sheaf-" + NodeNames.uid());
  }

  private static Path parent(Map<String, String> environment) {
    for (String variable : List.of("XDG_RUNTIME_DIR", "TMPDIR")) {
      String directory = environment.get(variable);
      if (directory != null && !directory.isEmpty()) {
        return Path.of(directory);
      }
    }
    return Path.of("/tmp");
  }
}
