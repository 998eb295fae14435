package io.sheaf.exec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the kernel tells of a process in {@code /proc/PID/stat} (proc(5)).
 *
 * @param fields those behind the name, the state first
 */
record ProcStat(List<String> fields) {
  private static final int GROUP = 2;
  private static final int TERMINAL = 4;
  private static final int FOREGROUND_GROUP = 5;

  /**
   * @param pid or {@code self}
   * @throws IOException when there is no such process
   */
  static ProcStat of(String pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", pid, "stat"));
    // A name may have anything in it, brackets too.
    return new ProcStat(List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)));
  }

  /** A letter: T has been stopped. */
  String state() {
    return fields.get(0);
  }

  /** Whether its process group is the one that its terminal sends signals to. */
  boolean isInForeground() {
    return !fields.get(TERMINAL).equals("0")
        && fields.get(GROUP).equals(fields.get(FOREGROUND_GROUP));
  }
}
