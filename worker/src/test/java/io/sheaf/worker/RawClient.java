package io.sheaf.worker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/** Speaks bytes with a worker, whatever HTTP says about them. */
final class RawClient implements AutoCloseable {
  private final SocketChannel channel;
  private final InputStream in;

  RawClient(Path socket) throws IOException {
    channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    in = Channels.newInputStream(channel);
  }

  /** What was answered. */
  record Answer(int status, String head, String body) {}

  RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  RawClient send(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    return this;
  }

  RawClient put(String path, String body) throws IOException {
    return send(
        "PUT "
            + path
            + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
            + body.getBytes(StandardCharsets.UTF_8).length
            + "\r\n\r\n"
            + body);
  }

  RawClient endOutput() throws IOException {
    channel.shutdownOutput();
    return this;
  }

  /** Reads bytes that are no answer. */
  void skip(int count) throws IOException {
    in.skipNBytes(count);
  }

  Answer answer() throws IOException {
    return answer(true);
  }

  /** An answer to HEAD, which has no body. */
  Answer head() throws IOException {
    return answer(false);
  }

  private Answer answer(boolean hasBody) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.UTF_8).endsWith("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("closed after: " + head.toString(StandardCharsets.UTF_8));
      }
      head.write(b);
    }
    String text = head.toString(StandardCharsets.UTF_8);
    int length = 0;
    for (String line : text.lines().toList()) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(15).trim());
      }
    }
    byte[] bytes = in.readNBytes(hasBody ? length : 0);
    String body = new String(bytes, StandardCharsets.UTF_8);
    return new Answer(Integer.parseInt(text.substring(9, 12)), text, body);
  }

  /** Whether the worker has closed the connection, with nothing more to read. */
  boolean isEnded() throws IOException {
    return in.read() < 0;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
