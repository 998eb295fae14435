package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The renames of one file by a process, which do not begin until it is released: strace holds the
 * thread at the entry of the system call.
 */
final class HeldRename {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** In microseconds; longer than any test. */
  private static final long DELAY = 1_800_000_000L;

  private final Running process;
  private final Path file;
  private final Running strace;

  private HeldRename(Running process, Path file, Running strace) {
    this.process = process;
    this.file = file;
    this.strace = strace;
  }

  /** Returns when no rename of the file can begin any more. */
  static HeldRename of(Running process, Path file, Path directory) throws Exception {
    List<String> command =
        List.of(
            "strace",
            "--quiet=all",
            "--follow-forks",
            "--attach=" + process.pid(),
            "--trace=/^rename",
            "--trace-path=" + file,
            "--inject=/^rename:delay_enter=" + DELAY,
            "--output=/dev/null");
    Running strace = Running.command(directory, "strace-" + System.nanoTime(), Map.of(), command);
    HeldRename held = new HeldRename(process, file, strace);
    try {
      eventually("strace holds every thread", PATIENCE, held::isAttached);
      return held;
    } catch (AssertionError e) {
      held.release();
      throw new AssertionError(strace.err(), e);
    }
  }

  /** Waits until a thread is held; false when none wants to rename the file for some time. */
  boolean await(Duration patience) throws Exception {
    long end = System.nanoTime() + patience.toNanos();
    while (!isHeld()) {
      if (System.nanoTime() > end) {
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }

  private interface Look {
    boolean at(Path task) throws IOException;
  }

  private boolean isAttached() throws IOException {
    return !any(task -> Files.readString(task.resolve("status")).contains("TracerPid:\t0\n"));
  }

  private boolean isHeld() throws IOException {
    return any(task -> names(Files.readString(task.resolve("syscall")).split(" ", -1)));
  }

  /** Whether some task of the process is so; one that has just ended is not. */
  private boolean any(Look look) throws IOException {
    Path tasks = Path.of("/proc/" + process.pid() + "/task");
    try (DirectoryStream<Path> each = Files.newDirectoryStream(tasks)) {
      for (Path task : each) {
        try {
          if (look.at(task)) {
            return true;
          }
        } catch (NoSuchFileException e) {
          // It has ended.
        }
      }
    }
    return false;
  }

  /**
   * Whether a system call has the file's name as its first argument, or, as renameat has, its
   * second.
   *
   * @param call its number, its arguments in hexadecimal digits, and more
   */
  private boolean names(String[] call) throws IOException {
    return call.length > 3 && (isName(call[1]) || isName(call[2]));
  }

  private boolean isName(String address) throws IOException {
    byte[] wanted = (file + "\0").getBytes(StandardCharsets.UTF_8);
    byte[] found = new byte[wanted.length];
    try (RandomAccessFile memory = new RandomAccessFile("/proc/" + process.pid() + "/mem", "r")) {
      memory.seek(Long.decode(address));
      memory.readFully(found);
    } catch (IOException | NumberFormatException e) {
      return false; // No address, or none of a name.
    }
    return Arrays.equals(found, wanted);
  }

  /** Lets them begin. */
  void release() throws IOException, InterruptedException {
    strace.terminate();
    strace.await(PATIENCE);
  }
}
