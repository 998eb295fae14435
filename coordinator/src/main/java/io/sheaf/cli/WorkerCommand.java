package io.sheaf.cli;

import io.sheaf.conf.Access;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.disk.SystemDisk;
import io.sheaf.worker.Ending;
import io.sheaf.worker.WorkerDaemon;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf worker}. */
@Command(
    name = "worker",
    description = {
      "Takes deposits from the programs on this node, at a unix socket.",
      "It runs until its session is drained, or SIGTERM."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf worker -N job7 -r /shared/out --servers zk1:2181,zk2:2181",
      "  srun --overlap --ntasks-per-node=1 sheaf worker --config sheaf.conf &"
    })
final class WorkerCommand extends SheafCommand {
  WorkerCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return KeyOptions.join(
        KeyOptions.SESSION,
        KeyOptions.section("worker"),
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
    try (MemberStart start = MemberStart.of(this, disk, Access.WORKER, join);
        WorkerDaemon worker =
            WorkerDaemon.start(
                start.settings(), start.mode(), disk, start.tree(), Clock.systemUTC())) {
      err().println("sheaf: worker " + worker.id() + " takes deposits at " + worker.socket());
      return Termination.during(
          () -> worker.stop(start.settings().get(Keys.STOP_TIMEOUT)),
          () -> worker.awaitEnd() == Ending.UNFINISHED ? ExitStatus.IN_PART : ExitStatus.DONE);
    }
  }
}
