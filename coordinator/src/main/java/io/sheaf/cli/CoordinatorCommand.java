package io.sheaf.cli;

import io.sheaf.conf.Access;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.disk.SystemDisk;
import io.sheaf.scavenge.CoordinatorDaemon;
import io.sheaf.scavenge.CoordinatorDaemon.End;
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

  @Override
  public Integer call() throws IOException, InterruptedException {
    SystemDisk disk = new SystemDisk();
    try (MemberStart start = MemberStart.of(this, disk, Access.COORDINATOR, join);
        CoordinatorDaemon coordinator =
            CoordinatorDaemon.start(
                start.settings(), start.mode(), disk, start.tree(), Clock.systemUTC())) {
      err()
          .println(
              "sheaf: coordinator "
                  + coordinator.id()
                  + " serves "
                  + start.settings().get(Keys.SESSION));
      return Termination.during(
          coordinator::close,
          () -> coordinator.awaitEnd() == End.IN_PART ? ExitStatus.IN_PART : ExitStatus.DONE);
    }
  }
}
