package io.sheaf.cli;

import io.sheaf.zkinit.EmbeddedZooKeeper;
import java.io.IOException;
import java.nio.file.Path;
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
      "  sheaf zookeeper --data $TMPDIR/zk --port 0 --address $(hostname)"
    })
final class ZooKeeperCommand extends SheafCommand {
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
  public Integer call() throws IOException, InterruptedException {
    if (port < 0 || port > 65_535) {
      throw new UsageException("--port " + port + " is no port: use 0 to 65535");
    }
    CountDownLatch stop = new CountDownLatch(1);
    try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(data, address, port)) {
      if (isJson()) {
        Json.print(out(), Map.of("servers", server.servers()));
      } else {
        out().println(server.servers());
      }
      out().flush();
      return Termination.during(stop::countDown, () -> await(stop));
    }
  }

  private static int await(CountDownLatch stop) throws InterruptedException {
    stop.await();
    return ExitStatus.DONE;
  }
}
