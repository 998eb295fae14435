package io.sheaf.cli;

import io.sheaf.conf.Access;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.daemon.HealthFile;
import io.sheaf.daemon.Service;
import io.sheaf.disk.SystemDisk;
import io.sheaf.scavenge.CoordinatorDaemon;
import io.sheaf.scavenge.CoordinatorDaemon.End;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code sheaf coordinator}. */
@Command(
    name = "coordinator",
    description = {
      "Merges what the workers of a session collect into its archives.",
      "Start as many as you like, on any nodes. It runs until its session is drained, its job ends, or"
          + " SIGTERM (see --on-term). SIGUSR2 drains the session."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf coordinator -N job7 -r /shared/out --servers zk1:2181,zk2:2181",
      "  sheaf coordinator --config sheaf.conf --merge-threads 4",
      "  sheaf coordinator --config sheaf.conf --daemon --done-file 'out/%%(session)s.done'"
    })
final class CoordinatorCommand extends MemberCommand {
  CoordinatorCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return KeyOptions.join(
        super.keys(), List.of(Keys.DRAIN_AT_END, Keys.DONE_FILE, Keys.HEALTH_FILE));
  }

  @Override
  int serve(Settings settings, Service service) throws IOException, InterruptedException {
    DoneFile done = DoneFile.of(settings, spec.name());
    SystemDisk disk = new SystemDisk();
    try (MemberStart start = MemberStart.of(this, disk, Access.COORDINATOR, join);
        CoordinatorDaemon coordinator =
            CoordinatorDaemon.start(
                start.settings(), start.mode(), disk, start.tree(), Clock.systemUTC());
        HealthFile health = HealthFile.open(settings, spec.name(), coordinator::trouble)) {
      health.start();
      ready(
          service,
          "coordinator " + coordinator.id() + " serves " + settings.get(Keys.SESSION),
          Map.of("id", coordinator.id()));
      return Termination.during(
          () -> leave(coordinator, service),
          () ->
              DrainSignals.during(
                  settings,
                  coordinator::drainSession,
                  true,
                  service,
                  () -> finish(coordinator, done)));
    }
  }

  private static void leave(CoordinatorDaemon coordinator, Service service) {
    service.stopping("leaving: ending merges");
    coordinator.close();
  }

  private static int finish(CoordinatorDaemon coordinator, DoneFile done)
      throws IOException, InterruptedException {
    End end = coordinator.awaitEnd();
    done.write(coordinator.summary());
    return end == End.IN_PART ? ExitStatus.IN_PART : ExitStatus.DONE;
  }
}
