package io.sheaf.session;

import io.sheaf.daemon.SelfProcess;
import java.util.ArrayList;
import java.util.List;

/** Starts everything on this machine. */
final class LocalLauncher implements Launcher {
  private static final String HERE = "localhost";

  @Override
  public List<String> nodes() {
    return List.of(HERE);
  }

  @Override
  public List<List<String>> start(List<String> nodes, List<String> arguments) {
    List<List<String>> commands = new ArrayList<>();
    for (int i = 1; i <= nodes.size(); i++) {
      String number = String.valueOf(i);
      commands.add(
          SelfProcess.anywhere(arguments.stream().map(a -> a.replace("%n", number)).toList()));
    }
    return commands;
  }
}
