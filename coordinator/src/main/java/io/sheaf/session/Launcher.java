package io.sheaf.session;

import java.util.List;

/** Starts processes on the nodes of a session. */
interface Launcher {
  /** The nodes that there are, by the names that {@link #start} takes. */
  List<String> nodes();

  /**
   * The commands that start one process on each of some nodes, a node as often as it is named.
   *
   * @param arguments of {@code sheaf}; {@code %n} in them stands for the process's number from 1 on
   *     where each has a command of its own
   */
  List<List<String>> start(List<String> nodes, List<String> arguments);

  /** Whether some of the nodes are one machine, so that a path on it is not theirs alone. */
  default boolean sharesMachines() {
    return false;
  }
}
