package io.sheaf.session;

import io.sheaf.daemon.SelfProcess;
import java.util.ArrayList;
import java.util.List;

/** Starts processes on other machines by ssh, which must not ask for a password. */
final class SshLauncher implements Launcher {
  private final List<String> ssh;
  private final List<String> hosts;

  /**
   * @param ssh the command with its options, as {@code ssh}, {@code -F}, {@code file}
   */
  SshLauncher(List<String> ssh, List<String> hosts) {
    this.ssh = ssh;
    this.hosts = hosts;
  }

  @Override
  public List<String> nodes() {
    return hosts;
  }

  @Override
  public List<List<String>> start(List<String> nodes, List<String> arguments) {
    List<List<String>> commands = new ArrayList<>();
    int number = 0;
    for (String node : nodes) {
      String n = String.valueOf(++number);
      List<String> command = new ArrayList<>(ssh);
      command.addAll(List.of("-o", "BatchMode=yes", node, "exec"));
      for (String word :
          SelfProcess.anywhere(arguments.stream().map(a -> a.replace("%n", n)).toList())) {
        command.add(ShellWord.quoted(word));
      }
      commands.add(command);
    }
    return commands;
  }
}
