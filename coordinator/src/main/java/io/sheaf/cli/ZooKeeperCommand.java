package io.sheaf.cli;

import io.sheaf.conf.Key;
import io.sheaf.conf.Settings;
import io.sheaf.daemon.Service;
import io.sheaf.zkinit.EmbeddedZooKeeper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf zookeeper}. */
@Command(
    name = "zookeeper",
    description = {
      "Runs a ZooKeeper server, for one machine or inside a job, until SIGTERM.",
      "Prints its address once it serves. It has no users: whoever reaches the port may do all."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf zookeeper --data /tmp/zk --port 2181",
      "  SHEAF_SERVERS=$(sheaf zookeeper --data /tmp/zk --port 0 --daemon --pidfile /tmp/zk.pid)",
      "  sheaf zookeeper --data $TMPDIR/zk --port 0 --address $(hostname)"
    })
final class ZooKeeperCommand extends DaemonCommand {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      required = true,
      description = "Where it keeps its data; on a disk of this node.")
  @SuppressWarnings("NullAway.Init")
  private Path data;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port to serve; 0 takes a free one (default: ${DEFAULT-VALUE}).")
  private int port = 2181;

  @Option(
      names = "--address",
      paramLabel = "HOST",
      description = "Address to serve (default: ${DEFAULT-VALUE}, this machine only).")
  private String address = "127.0.0.1";

  ZooKeeperCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return KeyOptions.DAEMON;
  }

  @Override
  void check(Settings settings) {
    if (port < 0 || port > 65_535) {
      throw new UsageException("--port " + port + " is no port: use 0 to 65535");
    }
  }

  @Override
  int serve(Settings settings, Service service) throws IOException, InterruptedException {
    CountDownLatch stop = new CountDownLatch(1);
    try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(data, address, port)) {
      Map<String, String> facts = Map.of("servers", server.servers());
      if (isJson()) {
        Json.print(out(), facts);
      } else {
        show(facts);
      }
      service.ready("ZooKeeper serves " + server.servers(), facts);
      return Termination.during(
          () -> {
            service.stopping("leaving");
            stop.countDown();
          },
          () -> await(stop));
    }
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
