package io.sheaf.session;

import java.util.ArrayList;
import java.util.List;

/**
 * The processes of a session, and the commands that start them.
 *
 * @param servers of the embedded ZooKeeper; none when there is one already
 * @param members coordinators and workers
 */
public record LaunchPlan(List<Start> servers, List<Start> members) {
  /**
   * A command that starts some processes.
   *
   * @param name for its log
   */
  public record Start(String name, List<String> command) {}

  /**
   * Some processes of a role, spread over the nodes in turn.
   *
   * @param count {@link LaunchOptions#PER_NODE} for one on each node
   */
  static List<Start> of(Launcher launcher, String name, int count, List<String> arguments) {
    List<String> nodes = launcher.nodes();
    int all = count == LaunchOptions.PER_NODE ? nodes.size() : count;
    List<String> on = new ArrayList<>();
    for (int i = 0; i < all; i++) {
      on.add(nodes.get(i % nodes.size()));
    }
    List<Start> starts = new ArrayList<>();
    List<List<String>> commands = on.isEmpty() ? List.of() : launcher.start(on, arguments);
    for (int i = 0; i < commands.size(); i++) {
      starts.add(new Start(commands.size() == 1 ? name : name + "-" + (i + 1), commands.get(i)));
    }
    return starts;
  }
}
