package io.sheaf.cli;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.daemon.Service;
import io.sheaf.disk.SystemDisk;
import io.sheaf.session.JobServer;
import io.sheaf.zkinit.EmbeddedZooKeeper;
import io.sheaf.zkinit.EnsembleServer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
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
          + " cannot read the session's credentials, on a free port, and it ends with the session.",
      "With --ensemble it is one of several servers, which serve while most of them run, and whose"
          + " data outlives each."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf zookeeper --data /tmp/zk --port 2181",
      "  SHEAF_SERVERS=$(sheaf zookeeper --data /tmp/zk --port 0 --daemon --pidfile /tmp/zk.pid)",
      "  sheaf zookeeper --data $TMPDIR/zk --port 0 --address $(hostname)",
      "  sheaf zookeeper --data /var/lib/zk --id 2 --ensemble zk1,zk2,zk3"
    })
final class ZooKeeperCommand extends DaemonCommand {
  private static final int DEFAULT_PORT = 2181;
  private static final String ANY_ADDRESS = "0.0.0.0";

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
  private int port = DEFAULT_PORT;

  @Option(
      names = "--address",
      paramLabel = "HOST",
      description =
          "Address to serve (default: 127.0.0.1, this machine only; with --server this node's"
              + " name; with --ensemble its own name there, or 0.0.0.0 for all addresses).")
  private @Nullable String address;

  @Option(
      names = "--server",
      paramLabel = "I/N",
      description = "Which of how many servers of a session it is.")
  private @Nullable String server;

  @Option(
      names = "--ensemble",
      paramLabel = "HOSTS",
      description =
          "All servers of an ensemble, in the same order for each, as HOST or"
              + " HOST:CLIENT:QUORUM:ELECTION with other ports than 2181, 2888 and 3888. Names of"
              + " hosts that are not up yet are waited for.")
  private @Nullable String ensemble;

  @Option(
      names = "--id",
      paramLabel = "I",
      description = "Which of the servers of --ensemble it is, from 1 on.")
  private int id;

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
    if (ensemble != null) {
      checkEnsemble(ensemble);
    } else if (id != 0) {
      throw new UsageException("--id " + id + " is of no use without --ensemble");
    }
    if (server != null) {
      settings.get(Keys.SESSION);
      settings.get(Keys.BASE);
    }
  }

  private void checkEnsemble(String hosts) {
    int servers = EnsembleHosts.parse(hosts).size();
    if (id < 1 || id > servers) {
      throw new UsageException(
          "--id " + id + ": say which of the " + servers + " servers this is, from 1 on");
    }
    if (server != null || port != DEFAULT_PORT) {
      throw new UsageException(
          "--ensemble has the ports in it, and is no part of a session: give"
              + " neither --port nor --server with it");
    }
    if (address != null && !address.equals(ANY_ADDRESS)) {
      throw new UsageException("--address " + address + ": with --ensemble give 0.0.0.0, or none");
    }
  }

  @Override
  int serve(Settings settings, Service service) throws IOException, InterruptedException {
    if (server != null) {
      return serveJob(settings, server, service);
    }
    return ensemble == null ? serveAlone(service) : serveMember(ensemble, service);
  }

  private int serveAlone(Service service) throws IOException, InterruptedException {
    String own = address == null ? "127.0.0.1" : address;
    try (EmbeddedZooKeeper running =
        EmbeddedZooKeeper.start(Objects.requireNonNull(data), own, port)) {
      serves(running.servers(), service);
      return awaitEnd(running, service);
    }
  }

  /** It says that it serves when it listens: otherwise nobody could start one after the other. */
  private int serveMember(String hosts, Service service) throws IOException, InterruptedException {
    List<EnsembleServer> servers = EnsembleHosts.parse(hosts);
    EmbeddedZooKeeper.Builder builder =
        EmbeddedZooKeeper.builder(Objects.requireNonNull(data)).ensemble(id, servers);
    try (EmbeddedZooKeeper running = (address == null ? builder : builder.everywhere()).start()) {
      serves(
          servers.stream().map(EnsembleServer::address).collect(Collectors.joining(",")), service);
      return awaitEnd(running, service);
    }
  }

  /** Until a signal comes; or the server ends by itself, of which nobody would know otherwise. */
  private static int awaitEnd(EmbeddedZooKeeper running, Service service)
      throws IOException, InterruptedException {
    CountDownLatch stop = new CountDownLatch(1);
    CompletableFuture<Void> unused = running.ended().thenRun(stop::countDown);
    return Termination.during(
        () -> {
          service.stopping("leaving");
          stop.countDown();
        },
        () -> {
          stop.await();
          if (running.ended().isDone() && !Termination.isAsked()) {
            throw new FailedException(
                ExitStatus.FAILED, "ZooKeeper's server has ended: the lines above say why");
          }
          return ExitStatus.DONE;
        });
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
}
