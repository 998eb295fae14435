package io.sheaf.zkinit;

/**
 * One server of an ensemble, as all its servers must name it alike.
 *
 * @param id from 1 on
 * @param host name or address that the others reach it by
 * @param quorumPort where the leader takes followers
 * @param electionPort where servers elect the leader
 * @param clientPort where clients are served
 */
public record EnsembleServer(
    int id, String host, int quorumPort, int electionPort, int clientPort) {
  /** For {@code servers}: {@code host:port}. */
  public String address() {
    return host + ":" + clientPort;
  }

  String line() {
    return host + ":" + quorumPort + ":" + electionPort;
  }
}
