package io.sheaf.it;

import io.sheaf.conf.CredentialsFile;
import io.sheaf.zkinit.EmbeddedZooKeeper;
import io.sheaf.zkinit.EnsembleServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** One server of a closed ensemble on 127.0.0.1, as a process. */
final class EnsembleServerMain {
  private EnsembleServerMain() {}

  /** Arguments: data, credentials, own id, then three ports for each server. */
  public static void main(String[] args) throws Exception {
    List<EnsembleServer> servers = new ArrayList<>();
    for (int i = 3; i < args.length; i += 3) {
      servers.add(
          new EnsembleServer(
              i / 3,
              "127.0.0.1",
              Integer.parseInt(args[i]),
              Integer.parseInt(args[i + 1]),
              Integer.parseInt(args[i + 2])));
    }
    EmbeddedZooKeeper.builder(Path.of(args[0]))
        .credentials(CredentialsFile.read(Path.of(args[1]), "argument"))
        .ensemble(Integer.parseInt(args[2]), servers)
        .start();
    System.out.println("listens");
    new CountDownLatch(1).await();
  }
}
