package io.sheaf.worker;

import io.sheaf.conf.Instants;
import io.sheaf.conf.Settings;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Asks Slurm when a job ends. */
final class Squeue {
  private static final long TIMEOUT_SECONDS = 30;

  private final String job;
  private final List<String> path;

  private Squeue(String job, List<String> path) {
    this.job = job;
    this.path = path;
  }

  /** For the job that this process is part of; empty when it is part of none. */
  static Optional<Squeue> of(Settings settings) {
    List<String> path =
        List.of(settings.variable("PATH").orElse("/usr/bin").split(File.pathSeparator, -1));
    return settings
        .variable("SLURM_JOB_ID")
        .filter(job -> job.matches("\\d+"))
        .map(job -> new Squeue(job, path));
  }

  /**
   * When the job ends; empty when it has no end.
   *
   * @throws IOException when Slurm does not tell
   */
  Optional<Instant> ends() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(program(), "-h", "-j", job, "-o", "%e")
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("SLURM_TIME_FORMAT", "standard");
    Process squeue = builder.start();
    try {
      if (!squeue.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("squeue does not answer");
      }
      if (squeue.exitValue() != 0) {
        throw new IOException("squeue ended with " + squeue.exitValue());
      }
      return parse(new String(squeue.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    } finally {
      squeue.destroyForcibly();
    }
  }

  private String program() throws IOException {
    return path.stream()
        .map(directory -> Path.of(directory, "squeue"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Path::toString)
        .orElseThrow(() -> new IOException("there is no squeue on the PATH"));
  }

  /** One line for each part of a job; one that has no end says NONE, N/A or Unknown. */
  private static Optional<Instant> parse(String answer) {
    return answer.lines().map(String::strip).flatMap(Squeue::time).min(Comparator.naturalOrder());
  }

  private static Stream<Instant> time(String line) {
    try {
      return Stream.of(Instants.parse(line));
    } catch (IllegalArgumentException e) {
      return Stream.empty();
    }
  }
}
