package io.sheaf.cli;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.daemon.Service;
import io.sheaf.disk.SystemDisk;
import io.sheaf.session.JobServer;
import io.sheaf.zkinit.EmbeddedZooKeeper;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf zookeeper}. */
@Command(
    name = "zookeeper",
    description = {
      "Runs a ZooKeeper server, for one machine or inside a job, until SIGTERM.",
      "Prints its address once it serves. It has no users: whoever reaches the port may do all.",
      "With --server it is one of a session that 'sheaf session launch' starts: closed to all who"
          + " cannot read the session's credentials, on a free port, and it ends with the session."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf zookeeper --data /tmp/zk --port 2181",
      "  SHEAF_SERVERS=$(sheaf zookeeper --data /tmp/zk --port 0 --daemon --pidfile /tmp/zk.pid)",
      "  sheaf zookeeper --data $TMPDIR/zk --port 0 --address $(hostname)"
    })
final class ZooKeeperCommand extends DaemonCommand {
  /** A job that is ended gives less. */
  private static final Duration DRAIN = Duration.ofSeconds(110);

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where it keeps its data; on a disk of this node.")
  private @Nullable Path data;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port to serve; 0 takes a free one (default: ${DEFAULT-VALUE}).")
  private int port = 2181;

  @Option(
      names = "--address",
      paramLabel = "HOST",
      description =
          "Address to serve (default: 127.0.0.1, this machine only; with --server this node's"
              + " name).")
  private @Nullable String address;

  @Option(
      names = "--server",
      paramLabel = "I/N",
      description = "Which of how many servers of a session it is.")
  private @Nullable String server;

  @Option(
      names = "--launch",
      paramLabel = "ID",
      description = "Tells the servers that are started together from others.")
  private String launch = "";

  ZooKeeperCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return KeyOptions.join(KeyOptions.SESSION, KeyOptions.DAEMON);
  }

  @Override
  void check(Settings settings) {
    if (port < 0 || port > 65_535) {
      throw new UsageException("--port " + port + " is no port: use 0 to 65535");
    }
    if (server == null && data == null) {
      throw new UsageException("no --data given: where is it to keep its data?");
    }
    if (server != null) {
      settings.get(Keys.SESSION);
      settings.get(Keys.BASE);
    }
  }

  @Override
  int serve(Settings settings, Service service) throws IOException, InterruptedException {
    return server == null ? serveAlone(service) : serveJob(settings, server, service);
  }

  private int serveAlone(Service service) throws IOException, InterruptedException {
    CountDownLatch stop = new CountDownLatch(1);
    String own = address == null ? "127.0.0.1" : address;
    try (EmbeddedZooKeeper running =
        EmbeddedZooKeeper.start(Objects.requireNonNull(data), own, port)) {
      serves(running.servers(), service);
      return Termination.during(
          () -> {
            service.stopping("leaving");
            stop.countDown();
          },
          () -> await(stop));
    }
  }

  private int serveJob(Settings settings, String which, Service service)
      throws IOException, InterruptedException {
    SystemDisk disk = new SystemDisk();
    BaseDirectory base = BaseDirectory.open(disk, settings.get(Keys.BASE));
    String own = address == null ? InetAddress.getLocalHost().getHostName() : address;
    try (JobServer job =
        JobServer.start(
            settings,
            disk,
            base,
            settings.get(Keys.SESSION),
            place(which),
            own,
            Clock.systemUTC())) {
      serves(job.servers(), service);
      return Termination.during(
          () -> {
            service.stopping("serving until the session is drained");
            job.leave(DRAIN);
          },
          () -> {
            job.serve();
            return ExitStatus.DONE;
          });
    }
  }

  private JobServer.Place place(String which) {
    String[] parts = which.split("/", -1);
    try {
      int id = Integer.parseInt(parts[0]);
      int of = Integer.parseInt(parts[parts.length - 1]);
      if (parts.length == 2 && id >= 1 && id <= of) {
        return new JobServer.Place(id, of, launch);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new UsageException("--server " + which + ": give it as 1/1, or as 2/3");
  }

  private void serves(String servers, Service service) {
    Map<String, String> facts = Map.of("servers", servers);
    if (isJson()) {
      Json.print(out(), facts);
    } else {
      show(facts);
    }
    service.ready("ZooKeeper serves " + servers, facts);
  }

  @Override
  void show(Map<String, String> facts) {
    out().println(facts.get("servers"));
    out().flush();
  }

  private static int await(CountDownLatch stop) throws InterruptedException {
    stop.await();
    return ExitStatus.DONE;
  }
}
