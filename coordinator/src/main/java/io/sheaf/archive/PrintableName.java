package io.sheaf.archive;

import io.sheaf.zip.DirectoryCursor;
import java.nio.charset.StandardCharsets;

/** The name of an entry for a message of one line, whatever bytes it has. */
final class PrintableName {
  /** A name may be longer than anybody wants to read. */
  private static final int LONGEST = 200;

  private PrintableName() {}

  static String of(DirectoryCursor entry) {
    String name =
        StandardCharsets.UTF_8.decode(entry.name()).toString().replaceAll("\\p{Cntrl}", "?");
    return name.length() <= LONGEST ? name : name.substring(0, LONGEST) + "…";
  }
}
