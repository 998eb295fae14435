package io.sheaf.batch;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a batch file: {@code <worker>-<seq>.zip}.
 *
 * @param worker {@code <host>-<pid>-<incarnation>}
 * @param seq from 1, per worker and archive
 */
public record BatchName(String worker, long seq) {
  /** What an open batch's name ends in. */
  public static final String PART = ".part";

  /** What the name of a batch ends in while it is written anew, after a failed sync. */
  static final String REDO = ".redo";

  /** What the name of a batch ends in while it is salvaged. */
  public static final String SALVAGE = ".salvage";

  /** What the name of a worker looks like, as opposed to that of anything in a zip. */
  private static final Pattern WORKER = Pattern.compile("[^/]+-[0-9]{1,10}-[0-9a-z]{1,20}");

  private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}");

  private static final Pattern FILE = Pattern.compile("(.+)-([0-9]{1,18})\\.zip");

  /** With what the names of those begin that stand for zips of other programs. */
  private static final String ADOPTED = "adopted-0-";

  /**
   * The name of a zip that another program made, as it lies among the batches of several archives.
   *
   * @param identity in hexadecimal: the same for the same zip, however often it comes
   * @param second since the epoch: when it was closed, as far as that is known
   */
  public static BatchName adopted(String identity, long second) {
    return new BatchName(ADOPTED + identity, Math.max(1, second));
  }

  /** Whether a worker's name stands for a zip of another program. */
  public static boolean isAdopted(String worker) {
    return worker.startsWith(ADOPTED);
  }

  /** Whether it is a name that a worker gives. */
  boolean isWorkers() {
    return seq >= 1 && WORKER.matcher(worker).matches();
  }

  /**
   * Whether the worker's name can stand in paths, of files and in ZooKeeper, and in messages: it
   * may have been made up.
   */
  public boolean isSafe() {
    return SAFE.matcher(worker).matches();
  }

  /** The name of the closed batch. */
  public String file() {
    return worker + "-" + seq + ".zip";
  }

  /** Reads the name of a closed batch; empty for anything else. */
  public static Optional<BatchName> parse(String file) {
    Matcher m = FILE.matcher(file);
    return m.matches()
        ? Optional.of(new BatchName(m.group(1), Long.parseLong(m.group(2))))
        : Optional.empty();
  }
}
