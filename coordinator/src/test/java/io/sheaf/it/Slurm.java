package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A real Slurm of four nodes, all on this machine; started and stopped by {@code .ci/slurm}. */
@SuppressWarnings("try") // what close() throws fails the test
final class Slurm implements AutoCloseable {
  /** The job script that users are shown. */
  static final Path EXAMPLE = Path.of("../conf/examples/slurm.sh").toAbsolutePath().normalize();

  private static final Duration START = Duration.ofMinutes(1);

  private final Path directory;
  private final Map<String, String> environment = new HashMap<>();
  private int commands;

  Slurm(Path directory) throws Exception {
    Tools.need("slurmctld", "slurmd", "srun", "sbatch", "munged", "python3");
    Tools.needRoot();
    this.directory = Files.createDirectories(directory);
    String conf = run(".start", START, script(), "start", state()).strip();
    environment.put("SLURM_CONF", conf);
    Path bin = Files.createDirectories(directory.resolve("bin"));
    environment.put("PATH", bin + ":" + System.getenv("PATH"));
    launcher(bin.resolve("sheaf"));
  }

  private static String script() {
    return Path.of("../.ci/slurm").toAbsolutePath().normalize().toString();
  }

  private String state() {
    return directory.resolve("slurm").toString();
  }

  /** As the launcher of the project, without its build. */
  private static void launcher(Path file) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Files.writeString(
        file,
        "#!/bin/sh\nexec %s -XX:+UseSerialGC -XX:-UsePerfData -XX:TieredStopAtLevel=1 -Xss512k -Dsheaf.launcher=%s -jar %s \"$@\"\n"
            .formatted(java, file, System.getProperty("sheaf.jar")));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Runs a command that must succeed; what it prints. */
  String run(String name, Duration patience, String... command) throws Exception {
    Path logs = Files.createDirectories(directory.resolve("logs"));
    try (Running running =
        Running.command(logs, commands++ + name, environment, List.of(command))) {
      return running.endsWith(0, patience).out();
    }
  }

  /** Runs {@code sheaf}. */
  Running sheaf(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(directory.resolve("bin/sheaf").toString()));
    command.addAll(List.of(arguments));
    Path logs = directory.resolve("logs");
    return Running.command(logs, commands++ + ".sheaf-" + arguments[0], environment, command);
  }

  /** Submits the example's job script; the number of the job. */
  String submit(Path base, Path output, List<String> options, List<String> program)
      throws Exception {
    return submit(EXAMPLE, base, output, options, program);
  }

  String submit(Path script, Path base, Path output, List<String> options, List<String> program)
      throws Exception {
    environment.put("SHEAF_BASE", base.toString());
    List<String> command = new ArrayList<>(List.of("sbatch", "--parsable", "-o", "" + output));
    command.addAll(options);
    command.add(script.toString());
    command.addAll(program);
    return run(".sbatch", START, command.toArray(String[]::new)).strip();
  }

  /** Waits until a job is over; its state and exit code as Slurm tells them. */
  String await(String job, Duration patience) throws Exception {
    eventually("job " + job + " is over", patience, () -> isOver(job));
    return run(".show", START, "scontrol", "--oneliner", "show", "job", job);
  }

  /** Ends a job and has it start again, without the minutes that Slurm would let pass between. */
  void requeue(String job, Duration patience) throws Exception {
    run(".requeue", START, "scontrol", "requeue", job);
    eventually("job " + job + " waits", patience, () -> state(job).equals("PENDING"));
    run(".update", START, "scontrol", "update", "JobId=" + job, "StartTime=now");
  }

  private boolean isOver(String job) throws Exception {
    return !List.of("PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "STOPPED", "SUSPENDED")
        .contains(state(job));
  }

  private String state(String job) throws Exception {
    return run(".state", START, "squeue", "-h", "-t", "all", "-j", job, "-o", "%T").strip();
  }

  @Override
  public void close() throws Exception {
    run(".stop", START, script(), "stop", state());
  }
}
