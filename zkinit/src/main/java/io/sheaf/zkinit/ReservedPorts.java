package io.sheaf.zkinit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * Free ports of this machine that nobody else gets until they are released: reserve, tell the other
 * servers, release, start.
 */
public final class ReservedPorts implements AutoCloseable {
  private final List<ServerSocket> sockets = new ArrayList<>();

  private ReservedPorts() {}

  public static ReservedPorts of(String address, int count) throws IOException {
    ReservedPorts reserved = new ReservedPorts();
    boolean all = false;
    try {
      for (int i = 0; i < count; i++) {
        reserved.sockets.add(new ServerSocket(0, 1, InetAddress.getByName(address)));
      }
      all = true;
      return reserved;
    } finally {
      if (!all) {
        reserved.close();
      }
    }
  }

  public List<Integer> ports() {
    return sockets.stream().map(ServerSocket::getLocalPort).toList();
  }

  /** Releases them. Nobody was let in, so no connection keeps a port in use. */
  @Override
  public void close() {
    for (ServerSocket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
