package io.sheaf.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A process, so that one of the same machine can tell whether it is still there.
 *
 * @param boot id of the machine's last boot; empty when it is not known
 * @param namespace in which the pid counts; empty when it is not known
 * @param start when it was started, in milliseconds since the epoch; a pid is used again, but not
 *     with the same start
 */
public record ProcessIdentity(String boot, String namespace, long pid, long start) {
  /** This process's. */
  public static ProcessIdentity ofThis() {
    ProcessHandle self = ProcessHandle.current();
    return new ProcessIdentity(bootHere(), namespaceHere(), self.pid(), start(self));
  }

  private static long start(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  private static String bootHere() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private static String namespaceHere() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  /**
   * Whether the process is gone.
   *
   * @return empty when only another machine, or another container, can tell
   */
  public Optional<Boolean> isGone() {
    if (boot.isEmpty() || !boot.equals(bootHere()) || !namespace.equals(namespaceHere())) {
      return Optional.empty();
    }
    return Optional.of(
        ProcessHandle.of(pid)
            .filter(ProcessHandle::isAlive)
            .filter(process -> start(process) == start)
            .isEmpty());
  }
}
