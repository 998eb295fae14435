package io.sheaf.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Another process that takes a POSIX lock; only such a one shows what a lock is worth. */
public final class ChildProcess implements Closeable {
  private final Process process;
  private final BufferedReader out;

  private ChildProcess(String verb, Path file) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            ChildProcess.class.getName(),
            verb,
            file.toString());
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    out = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Whether another process could take the lock now. */
  public static boolean couldLock(Path file) throws IOException {
    try (ChildProcess child = new ChildProcess("try", file)) {
      String answer = child.out.readLine();
      assertThat(answer).isIn("free", "held");
      return "free".equals(answer);
    }
  }

  /** A process that holds the lock until it is closed. */
  public static ChildProcess holding(Path file) throws IOException {
    ChildProcess child = new ChildProcess("hold", file);
    assertThat(child.out.readLine()).isEqualTo("free");
    return child;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Ends the process, as a crash would, and waits until it is gone. */
  @Override
  public void close() throws IOException {
    process.destroyForcibly().onExit().join();
    out.close();
  }

  public static void main(String[] args) throws IOException {
    boolean got = new SystemDisk().tryLockExisting(Path.of(args[1])).isPresent();
    System.out.println(got ? "free" : "held");
    if (args[0].equals("hold")) {
      // Until the parent ends it, or is gone itself.
      int unused = System.in.read();
    }
  }
}
