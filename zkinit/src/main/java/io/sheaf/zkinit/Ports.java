package io.sheaf.zkinit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** TCP ports of this machine. */
final class Ports {
  private Ports() {}

  static int free(String address) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(address))) {
      return socket.getLocalPort();
    }
  }

  /** The server itself would only log that, and go on without serving. */
  static void requireFree(String address, int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(address, port));
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on "
              + address
              + ":"
              + port
              + ": "
              + e.getMessage()
              + ": stop what listens there, or choose another port",
          e);
    }
  }
}
