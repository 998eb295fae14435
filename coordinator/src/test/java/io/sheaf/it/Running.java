package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process that a test started. Closing it kills it, if it still runs. */
final class Running implements AutoCloseable {
  private static final Duration SIGNAL = Duration.ofSeconds(30);

  private final String name;
  private final Process process;
  private final Path out;
  private final Path err;

  private Running(String name, Process process, Path out, Path err) {
    this.name = name;
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts any command; what it prints goes to NAME.out and NAME.err in a directory. */
  static Running command(
      Path directory, String name, Map<String, String> environment, List<String> command)
      throws IOException {
    Path out = directory.resolve(name + ".out");
    Path err = directory.resolve(name + ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(key -> key.startsWith("SHEAF_"));
    builder.environment().putAll(environment);
    return new Running(name, builder.start(), out, err);
  }

  /** Starts Sheaf from its jar. */
  static Running sheaf(Path directory, String name, List<String> jvm, List<String> arguments)
      throws IOException {
    return sheaf(directory, name, Map.of(), jvm, arguments);
  }

  static Running sheaf(
      Path directory,
      String name,
      Map<String, String> environment,
      List<String> jvm,
      List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:-UsePerfData"));
    command.addAll(jvm);
    command.addAll(List.of("-jar", System.getProperty("sheaf.jar")));
    command.addAll(arguments);
    return command(directory, name, environment, command);
  }

  static Running sheaf(Path directory, String name, String... arguments) throws IOException {
    return sheaf(directory, name, List.of(), List.of(arguments));
  }

  String out() throws IOException {
    return Files.readString(out);
  }

  String err() throws IOException {
    return Files.readString(err);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** SIGKILL; returns when the process is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGSTOP; returns when the process has stopped. */
  void stop() throws Exception {
    signal("STOP");
    eventually(name + " has stopped", SIGNAL, () -> isStopped());
  }

  /** In a group-stop; of a process that is traced another letter says so. */
  private boolean isStopped() throws IOException {
    char state = state();
    return state == 'T' || state == 't';
  }

  /** SIGCONT. */
  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  /**
   * Has a stopped process go on for some microseconds, then stops it again. Without the right to a
   * real-time priority it may become milliseconds: whom it wakes then runs before the shell.
   *
   * @param spins how often the shell counts meanwhile
   */
  void resumeBriefly(int spins) throws Exception {
    String count = "i=0; while [ $i -lt " + spins + " ]; do i=$((i+1)); done";
    shell(
        "chrt -f -p 1 $$ 2>/dev/null; kill -CONT %1$d; %2$s; kill -STOP %1$d"
            .formatted(pid(), count));
    eventually(name + " has stopped again", SIGNAL, () -> state() == 'T');
  }

  private void signal(String signal) throws IOException, InterruptedException {
    shell("kill -" + signal + " " + pid());
  }

  private void shell(String command) throws IOException, InterruptedException {
    Process sh = new ProcessBuilder("sh", "-c", command).inheritIO().start();
    assertThat(sh.waitFor()).as("%s, for %s", command, name).isZero();
  }

  /** As ps shows it: R, S, D, T ... */
  private char state() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid() + "/stat"));
    return stat.charAt(stat.lastIndexOf(')') + 2);
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** Waits for the end; the exit status. */
  int await(Duration patience) throws IOException, InterruptedException {
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError(name + " still runs after " + patience + ":\n" + out() + err());
    }
    return process.exitValue();
  }

  /** Waits for the end, which must be with a status. */
  Running endsWith(int status, Duration patience) throws IOException, InterruptedException {
    int actual = await(patience);
    assertThat(actual).as("exit status of %s:\n%s\n%s", name, out(), err()).isEqualTo(status);
    return this;
  }

  /** Waits until it has printed something, on either stream. */
  Running prints(String text, Duration patience) throws Exception {
    eventually(
        name + " prints \"" + text + "\"",
        patience,
        () -> {
          if (out().contains(text) || err().contains(text)) {
            return true;
          }
          assertThat(process.isAlive()).as("%s runs:\n%s\n%s", name, out(), err()).isTrue();
          return false;
        });
    return this;
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
