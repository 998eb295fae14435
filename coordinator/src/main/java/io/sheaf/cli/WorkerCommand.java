package io.sheaf.cli;

import io.sheaf.conf.Access;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.daemon.Service;
import io.sheaf.disk.SystemDisk;
import io.sheaf.session.WorkerEntries;
import io.sheaf.worker.Ending;
import io.sheaf.worker.WorkerDaemon;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code sheaf worker}. */
@Command(
    name = "worker",
    description = {
      "Takes deposits from the programs on this node, at a unix socket.",
      "It runs until its session is drained, its job ends, or SIGTERM (see --on-term). SIGUSR2 drains"
          + " the session."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf worker -N job7 -r /shared/out --servers zk1:2181,zk2:2181",
      "  srun --overlap --ntasks-per-node=1 sheaf worker --config sheaf.conf &",
      "  sheaf worker --config sheaf.conf --daemon --pidfile '/run/user/%%(uid)s/sheaf.pid'"
    })
final class WorkerCommand extends MemberCommand {
  WorkerCommand(Context context) {
    super(context);
  }

  @Override
  int serve(Settings settings, Service service) throws IOException, InterruptedException {
    SystemDisk disk = new SystemDisk();
    try (MemberStart start = MemberStart.of(this, disk, Access.WORKER, join);
        WorkerDaemon worker =
            WorkerDaemon.start(
                start.settings(),
                start.mode(),
                disk,
                start.tree(),
                WorkerEntries::of,
                Clock.systemUTC())) {
      ready(
          service,
          "worker " + worker.id() + " takes deposits at " + worker.socket(),
          Map.of("id", worker.id(), "socket", worker.socket().toString()));
      return Termination.during(
          () -> stop(worker, settings, service),
          () ->
              DrainSignals.during(
                  settings, worker::drainSession, false, service, () -> finish(worker)));
    }
  }

  private static int finish(WorkerDaemon worker) throws InterruptedException {
    return worker.awaitEnd() == Ending.UNFINISHED ? ExitStatus.IN_PART : ExitStatus.DONE;
  }

  private static void stop(WorkerDaemon worker, Settings settings, Service service) {
    service.stopping("leaving: ending uploads, publishing what was taken");
    worker.stop(settings.get(Keys.STOP_TIMEOUT));
  }
}
