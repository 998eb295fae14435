package io.sheaf.exec;

import io.sheaf.deposit.AppendOptions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to become of a command's output and files.
 *
 * @param stdout target of its standard output; null leaves it where it is
 * @param stderr the same of its standard error; where both are one target, both go there in the
 *     order in which they come
 * @param log how they are appended
 * @param collect which files are picked up when it has ended
 * @param into what their targets begin with
 * @param keeps whether the files stay
 * @param successOnly whether there are entries only if it ends with 0
 * @param tees whether the output is passed on as well
 * @param grace for those that still have its output open when it has ended
 */
public record ExecPlan(
    @Nullable String stdout,
    @Nullable String stderr,
    AppendOptions log,
    List<Glob> collect,
    String into,
    boolean keeps,
    boolean successOnly,
    boolean tees,
    Duration grace) {
  boolean isOneLog() {
    return stdout != null && stdout.equals(stderr);
  }
}
