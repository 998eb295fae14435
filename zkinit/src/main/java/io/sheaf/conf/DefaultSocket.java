package io.sheaf.conf;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Where a worker's socket is when nobody says: on the node, under a directory of the user. */
final class DefaultSocket {
  private DefaultSocket() {}

  static Path path(Map<String, String> environment, String session) {
    return parent(environment).resolve("sheaf-" + NodeNames.uid()).resolve(session + ".sock");
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
