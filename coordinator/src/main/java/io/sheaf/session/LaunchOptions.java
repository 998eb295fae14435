package io.sheaf.session;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a session is launched with.
 *
 * @param launcher how processes are started on the nodes
 * @param hosts for ssh
 * @param remote the command that starts a process elsewhere, with its options, such as {@code ssh}
 *     or {@code srun}; empty for the plain one
 * @param workers in all; {@link #PER_NODE} for one on each node
 * @param ensemble servers of the embedded ZooKeeper, 1 or 3
 * @param logs directory on this node for what members print
 * @param patience how long to wait until all are registered
 */
public record LaunchOptions(
    Kind launcher,
    List<String> hosts,
    List<String> remote,
    int coordinators,
    int workers,
    int ensemble,
    Path logs,
    Duration patience) {
  /** One worker on each node. */
  public static final int PER_NODE = -1;

  /** How processes are started on other nodes. */
  public enum Kind {
    /** All on this machine. */
    local,
    /** By ssh, on the hosts that are named. */
    ssh,
    /** As steps of the Slurm job that this process is in. */
    srun
  }
}
