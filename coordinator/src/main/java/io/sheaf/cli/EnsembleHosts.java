package io.sheaf.cli;

import io.sheaf.zkinit.EnsembleServer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The servers of an ensemble as an option names them: {@code zk1,zk2:2181:2888:3888}. */
final class EnsembleHosts {
  private static final int CLIENT = 2181;
  private static final int QUORUM = 2888;
  private static final int ELECTION = 3888;

  private EnsembleHosts() {}

  static List<EnsembleServer> parse(String text) {
    List<EnsembleServer> servers = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (String part : text.split(",", -1)) {
      EnsembleServer server = server(servers.size() + 1, part.strip());
      for (int port : List.of(server.clientPort(), server.quorumPort(), server.electionPort())) {
        if (!taken.add(server.host() + ":" + port)) {
          throw new UsageException(
              "--ensemble: " + server.host() + ":" + port + " is there twice; each needs its own");
        }
      }
      servers.add(server);
    }
    return servers;
  }

  private static EnsembleServer server(int id, String text) {
    String[] parts = text.split(":", -1);
    if (parts.length > 4 || !parts[0].matches("[A-Za-z0-9._-]+")) {
      throw new UsageException(
          "--ensemble "
              + text
              + ": give each server as HOST, or HOST:CLIENT:QUORUM:ELECTION, with commas between");
    }
    return new EnsembleServer(
        id, parts[0], port(parts, 2, QUORUM), port(parts, 3, ELECTION), port(parts, 1, CLIENT));
  }

  private static int port(String[] parts, int index, int otherwise) {
    if (index >= parts.length) {
      return otherwise;
    }
    int port = parts[index].matches("\\d{1,5}") ? Integer.parseInt(parts[index]) : 0;
    if (port < 1 || port > 65_535) {
      throw new UsageException("--ensemble: " + parts[index] + " is no port: use 1 to 65535");
    }
    return port;
  }
}
