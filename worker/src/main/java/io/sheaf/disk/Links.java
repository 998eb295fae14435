package io.sheaf.disk;

import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Symbolic links. Sheaf makes none, so one among its own files was put there by somebody who wants
 * another file opened. What it names is not: the open fails.
 */
final class Links {
  private static final Path OWN = Path.of(".sheaf");

  private Links() {}

  static Set<OpenOption> refused(Path file, OpenOption... options) {
    Set<OpenOption> all = new HashSet<>(Arrays.asList(options));
    for (Path name : file) {
      if (name.equals(OWN)) {
        all.add(LinkOption.NOFOLLOW_LINKS);
      }
    }
    return all;
  }
}
