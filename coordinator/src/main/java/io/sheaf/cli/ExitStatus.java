package io.sheaf.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code sheaf} ends with. Scripts rely on these numbers. */
final class ExitStatus {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int IN_PART = 3;
  static final int NO_SUCH_SESSION = 14;

  /** EX_IOERR of sysexits.h: the command of {@code exec} ended with 0, not all was deposited. */
  static final int NOT_DEPOSITED = 74;

  /** EX_TEMPFAIL of sysexits.h: trying again may help. */
  static final int UNREACHABLE = 75;

  /**
   * {@code local} or {@code exec} has found its command, but cannot run it: as shells and env(1)
   * say it.
   */
  static final int CANNOT_RUN = 126;

  /** {@code local} or {@code exec} has not found its command: as shells and env(1) say it. */
  static final int NO_COMMAND = 127;

  private ExitStatus() {}

  /** The table that every help text shows. */
  static Map<String, String> table() {
    Map<String, String> table = new LinkedHashMap<>();
    table.put(String.valueOf(DONE), "done");
    table.put(String.valueOf(FAILED), "failed");
    table.put(String.valueOf(USAGE), "wrong usage or setting");
    table.put(String.valueOf(IN_PART), "done in part: something is in quarantine or still waits");
    table.put(String.valueOf(NO_SUCH_SESSION), "no such session");
    table.put(String.valueOf(UNREACHABLE), "ZooKeeper not reachable, try again");
    return table;
  }
}
