package io.sheaf.disk;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Finds out whether a lock of this process keeps another one of this machine away: a child process
 * tries to take it. Nothing else tells, for whoever asks in the process itself gets its own answer.
 */
public final class LockProbe {
  private static final String FREE = "free";
  private static final String HELD = "held";

  private LockProbe() {}

  /**
   * Whether another process finds a file locked that this process holds the lock of.
   *
   * @return empty when the child could not be run, or did not answer in time
   */
  public static Optional<Boolean> excludesAChild(Path locked, Duration patience) {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-Xmx16m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            LockProbe.class.getName(),
            locked.toString());
    try {
      Process child = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
        if (!child.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
          return Optional.empty();
        }
        String answer = out.readLine();
        return List.of(FREE, HELD).contains(answer)
            ? Optional.of(HELD.equals(answer))
            : Optional.empty();
      } finally {
        child.destroyForcibly();
      }
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** The child: says whether it got the lock. */
  public static void main(String[] args) throws IOException {
    boolean got = new SystemDisk().tryLockExisting(Path.of(args[0])).isPresent();
    System.out.println(got ? FREE : HELD);
  }
}
