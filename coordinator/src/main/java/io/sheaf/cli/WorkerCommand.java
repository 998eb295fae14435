package io.sheaf.cli;

import io.sheaf.conf.Access;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.SystemDisk;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import io.sheaf.worker.Ending;
import io.sheaf.worker.WorkerDaemon;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import picocli.CommandLine.Command;

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

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = settings();
    settings.get(Keys.SESSION);
    settings.get(Keys.BASE);
    try (Tree tree = Tree.connect(TreeOptions.of(settings, Access.WORKER));
        WorkerDaemon worker =
            WorkerDaemon.start(settings, new SystemDisk(), tree, Clock.systemUTC())) {
      err().println("sheaf: worker " + worker.id() + " takes deposits at " + worker.socket());
      return Termination.during(
          () -> worker.stop(settings.get(Keys.STOP_TIMEOUT)),
          () -> worker.awaitEnd() == Ending.UNFINISHED ? ExitStatus.IN_PART : ExitStatus.DONE);
    }
  }
}
