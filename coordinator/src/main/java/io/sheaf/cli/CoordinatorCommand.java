package io.sheaf.cli;

import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.SystemDisk;
import io.sheaf.scavenge.CoordinatorDaemon;
import io.sheaf.scavenge.CoordinatorDaemon.End;
import io.sheaf.tree.Tree;
import io.sheaf.worker.SessionJoin;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf coordinator}. */
@Command(
    name = "coordinator",
    description = {
      "Merges what the workers of a session collect into its archives.",
      "Start as many as you like, on any nodes. It runs until its session is drained, or SIGTERM."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf coordinator -N job7 -r /shared/out --servers zk1:2181,zk2:2181",
      "  sheaf coordinator --config sheaf.conf --merge-threads 4"
    })
final class CoordinatorCommand extends SheafCommand {
  CoordinatorCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return KeyOptions.join(
        KeyOptions.SESSION,
        KeyOptions.section("coordinator"),
        KeyOptions.parameters(),
        KeyOptions.ZOOKEEPER);
  }

  @Option(
      names = "--join",
      description =
          "Join a session that is there, with its parameters, whatever is set here for them.")
  private boolean join;

  private SessionJoin.Mode mode() {
    return join ? SessionJoin.Mode.JOIN : SessionJoin.Mode.CREATE;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = settings();
    settings.get(Keys.SESSION);
    settings.get(Keys.BASE);
    SystemDisk disk = new SystemDisk();
    try (Tree tree = Trees.connect(settings, disk);
        CoordinatorDaemon coordinator =
            CoordinatorDaemon.start(settings, mode(), disk, tree, Clock.systemUTC())) {
      err()
          .println(
              "sheaf: coordinator " + coordinator.id() + " serves " + settings.get(Keys.SESSION));
      return Termination.during(
          coordinator::close,
          () -> coordinator.awaitEnd() == End.IN_PART ? ExitStatus.IN_PART : ExitStatus.DONE);
    }
  }
}
