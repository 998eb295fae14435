package io.sheaf.batch;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an append log: {@code <worker>-<number>.log}, in {@link #PLACE}.
 *
 * @param worker {@code <host>-<pid>-<incarnation>}
 * @param number from 1, per worker; {@link #DONE} for no log, but the note that all logs of the
 *     worker were salvaged and only remain to be deleted
 */
public record AppendLogName(String worker, long number) {
  /** The directory of the inbox in which append logs lie; no archive has such a name. */
  public static final String PLACE = ".appends";

  static final long DONE = 0;

  private static final Pattern FILE =
      Pattern.compile("([A-Za-z0-9_][A-Za-z0-9_.-]{0,199})-([0-9]{1,7})\\.log");

  public String file() {
    return worker + "-" + number + ".log";
  }

  /** Reads the name of a log; empty for anything else. */
  public static Optional<AppendLogName> parse(String file) {
    Matcher m = FILE.matcher(file);
    return m.matches()
        ? Optional.of(new AppendLogName(m.group(1), Long.parseLong(m.group(2))))
        : Optional.empty();
  }
}
