package io.sheaf.session;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The commands that start the processes of a session: arguments, and where they run. */
final class LaunchCommands {
  /** Of a daemon's settings those that a worker has not. */
  private static final Set<Key<?>> COORDINATORS = Set.of(Keys.DONE_FILE, Keys.DRAIN_AT_END);

  private final Settings settings;
  private final LaunchOptions options;
  private final BaseDirectory base;
  private final Launcher launcher;
  private final String session;
  private final String socket;

  private LaunchCommands(
      Settings settings, LaunchOptions options, BaseDirectory base, Launcher launcher) {
    this.settings = settings;
    this.options = options;
    this.base = base;
    this.launcher = launcher;
    this.session = settings.get(Keys.SESSION);
    this.socket = socket();
  }

  static LaunchCommands of(Settings settings, LaunchOptions options, BaseDirectory base)
      throws IOException, InterruptedException {
    Launcher launcher =
        switch (options.launcher()) {
          case local -> new LocalLauncher();
          case ssh -> new SshLauncher(remote(options, "ssh"), hosts(options));
          case srun -> SlurmLauncher.of(System.getenv(), remote(options, "srun"));
        };
    LaunchCommands commands = new LaunchCommands(settings, options, base, launcher);
    commands.check();
    return commands;
  }

  private static List<String> remote(LaunchOptions options, String plain) {
    return options.remote().isEmpty() ? List.of(plain) : options.remote();
  }

  private static List<String> hosts(LaunchOptions options) throws IOException {
    if (options.hosts().isEmpty()) {
      throw new IOException("--launcher ssh needs the hosts: give --hosts a,b,c");
    }
    return options.hosts();
  }

  private void check() throws IOException {
    int nodes = launcher.nodes().size();
    boolean local = options.launcher() == LaunchOptions.Kind.local;
    if (!local && workers() > nodes) {
      throw new IOException(
          workers() + " workers on " + nodes + " nodes: one on each is enough, give fewer");
    }
    if (!local && options.ensemble() > nodes) {
      throw new IOException(
          "an ensemble of " + options.ensemble() + " needs as many nodes, and there are " + nodes);
    }
  }

  /** How many workers there will be. */
  int workers() {
    int nodes = launcher.nodes().size();
    return options.workers() == LaunchOptions.PER_NODE ? nodes : options.workers();
  }

  int coordinators() {
    return options.coordinators();
  }

  /** Of several workers on this machine that of the first. */
  String programsSocket() {
    return socket.replace("%n", "1");
  }

  /**
   * @param launch tells the servers of this launch from those of others
   */
  LaunchPlan plan(String launch) {
    List<LaunchPlan.Start> servers = new ArrayList<>();
    if (settings.find(Keys.SERVERS).isEmpty()) {
      servers = LaunchPlan.of(launcher, "zookeeper", options.ensemble(), server(launch));
    }
    List<LaunchPlan.Start> members = new ArrayList<>();
    members.addAll(
        LaunchPlan.of(launcher, "coordinator", coordinators(), member("coordinator", List.of())));
    members.addAll(
        LaunchPlan.of(
            launcher, "worker", options.workers(), member("worker", List.of("--socket", socket))));
    return new LaunchPlan(servers, members);
  }

  private List<String> server(String launch) {
    List<String> arguments = new ArrayList<>(List.of("zookeeper"));
    arguments.addAll(sessionAndBase());
    arguments.addAll(List.of("--server", "%n/" + options.ensemble(), "--launch", launch));
    if (options.launcher() == LaunchOptions.Kind.local) {
      arguments.addAll(List.of("--address", "127.0.0.1"));
    }
    return arguments;
  }

  private List<String> member(String role, List<String> further) {
    List<String> arguments = new ArrayList<>(List.of(role, "--join"));
    arguments.addAll(sessionAndBase());
    arguments.addAll(further);
    for (Key<?> key : Keys.all()) {
      if (isFor(role, key) && settings.isExplicit(key)) {
        settings.text(key).ifPresent(text -> arguments.addAll(List.of(key.option(), text)));
      }
    }
    return arguments;
  }

  private static boolean isFor(String role, Key<?> key) {
    return switch (key.section()) {
      case "zookeeper" -> true;
      case "daemon" -> !COORDINATORS.contains(key) || role.equals("coordinator");
      default -> key.section().equals(role) && key != Keys.SOCKET;
    };
  }

  private List<String> sessionAndBase() {
    return List.of("-N", session, "-r", base.root().toString());
  }

  /** One path for all nodes, so that programs find it wherever they run. */
  private String socket() {
    String given = settings.find(Keys.SOCKET).map(Object::toString).orElse("");
    if (!given.isEmpty()) {
      return given;
    }
    boolean several = options.launcher() == LaunchOptions.Kind.local && workers() > 1;
    String suffix = several ? "-%n" : launcher.sharesMachines() ? "-%(node)s" : "";
    String directory =
        options.launcher() == LaunchOptions.Kind.local
            ? String.valueOf(settings.socket().getParent())
            : "/tmp/sheaf-%(uid)s";
    return directory + "/" + session + suffix + ".sock";
  }
}
