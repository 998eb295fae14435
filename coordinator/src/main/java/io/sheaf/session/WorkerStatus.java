package io.sheaf.session;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * What a worker says of itself at its socket.
 *
 * @param deposits acknowledged
 * @param bytes in these
 */
record WorkerStatus(long deposits, long bytes) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REQUEST =
      "GET /_status HTTP/1.1\r\nHost: sheaf\r\nConnection: close\r\n\r\n";

  /** Asks; an IOException when no worker serves the socket yet, or no more. */
  static WorkerStatus of(Path socket) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      ByteBuffer request = ByteBuffer.wrap(REQUEST.getBytes(StandardCharsets.US_ASCII));
      while (request.hasRemaining()) {
        channel.write(request);
      }
      return parse(readAll(channel));
    }
  }

  private static String readAll(SocketChannel channel) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    while (channel.read(buffer) >= 0) {
      answer.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    }
    return answer.toString(StandardCharsets.UTF_8);
  }

  private static WorkerStatus parse(String answer) throws IOException {
    int head = answer.indexOf("\r\n\r\n");
    if (head < 0) {
      throw new IOException("the worker's answer was cut off");
    }
    JsonNode status = JSON.readTree(answer.substring(head + 4));
    return new WorkerStatus(status.path("deposits").asLong(), status.path("bytes").asLong());
  }
}
