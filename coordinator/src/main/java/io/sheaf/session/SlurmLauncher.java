package io.sheaf.session;

import io.sheaf.daemon.SelfProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Starts processes on the nodes of a Slurm job, as steps that share them with the job's own. One
 * step has many processes; the death of one, or of a node, does not end the others.
 */
final class SlurmLauncher implements Launcher {
  private final List<String> srun;
  private final List<String> nodes;
  private final boolean sharing;

  private SlurmLauncher(List<String> srun, List<String> nodes, boolean sharing) {
    this.srun = srun;
    this.nodes = nodes;
    this.sharing = sharing;
  }

  /**
   * For the job that this process is in.
   *
   * @param srun the command with options of the user's, as {@code srun}
   * @throws IOException when this is no job, or Slurm does not answer
   */
  static SlurmLauncher of(Map<String, String> environment, List<String> srun)
      throws IOException, InterruptedException {
    String list = environment.get("SLURM_JOB_NODELIST");
    if (list == null) {
      throw new IOException(
          "this is no Slurm job (SLURM_JOB_NODELIST is not set): run it in a job script or under"
              + " salloc, or use --launcher local or ssh");
    }
    List<String> nodes = output(List.of("scontrol", "show", "hostnames", list));
    return new SlurmLauncher(srun, nodes, machines(list) < nodes.size());
  }

  /** On a test system one machine may be many nodes. */
  private static long machines(String list) throws IOException, InterruptedException {
    return output(List.of("scontrol", "--oneliner", "show", "node", list)).stream()
        .map(node -> node.replaceFirst(".*\\bNodeHostName=(\\S+).*", "$1"))
        .distinct()
        .count();
  }

  private static List<String> output(List<String> command)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed: " + text.strip());
    }
    return text.lines().filter(line -> !line.isBlank()).toList();
  }

  @Override
  public List<String> nodes() {
    return nodes;
  }

  @Override
  public List<List<String>> start(List<String> on, List<String> arguments) {
    List<List<String>> commands = new ArrayList<>();
    List<String> distinct = new ArrayList<>(new LinkedHashSet<>(on));
    if (on.size() % distinct.size() == 0 && arguments.stream().noneMatch(a -> a.contains("%n"))) {
      commands.add(step(distinct, on.size(), arguments));
      return commands;
    }
    for (int i = 0; i < on.size(); i++) {
      String number = String.valueOf(i + 1);
      commands.add(
          step(
              List.of(on.get(i)),
              1,
              arguments.stream().map(a -> a.replace("%n", number)).toList()));
    }
    return commands;
  }

  private List<String> step(List<String> on, int tasks, List<String> arguments) {
    List<String> command = new ArrayList<>(srun);
    command.addAll(
        List.of(
            "--overlap",
            "--no-kill",
            "--kill-on-bad-exit=0",
            "--nodes=" + on.size(),
            "--ntasks=" + tasks,
            "--ntasks-per-node=" + tasks / on.size(),
            "--nodelist=" + String.join(",", on)));
    command.addAll(SelfProcess.anywhere(arguments));
    return command;
  }

  @Override
  public boolean sharesMachines() {
    return sharing;
  }
}
