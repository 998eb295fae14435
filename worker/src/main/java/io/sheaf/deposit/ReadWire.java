package io.sheaf.deposit;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A connection over which one thread at a time asks a worker for what is there. */
final class ReadWire {
  private static final int MAX_LINE = 8 << 10;

  private final SocketChannel channel;
  private final Consumer<ReadWire> reuse;
  private final ByteBuffer buffer = ByteBuffer.allocate(64 << 10).limit(0);
  private boolean last;

  private ReadWire(SocketChannel channel, Consumer<ReadWire> reuse) {
    this.channel = channel;
    this.reuse = reuse;
  }

  /**
   * @param reuse gets the connection when it can carry another request
   */
  static ReadWire connect(Path socket, WorkerTrust trust, Consumer<ReadWire> reuse)
      throws IOException {
    SocketChannel channel = Wire.open(socket);
    boolean trusted = false;
    try {
      trust.check(socket, channel);
      trusted = true;
      return new ReadWire(channel, reuse);
    } finally {
      if (!trusted) {
        channel.close();
      }
    }
  }

  /** The head of an answer; names of headers in lower case. */
  record Head(int status, Map<String, String> headers) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    long length() throws IOException {
      try {
        return Long.parseLong(header("content-length"));
      } catch (NumberFormatException e) {
        throw new IOException("a worker's answer has no length", e);
      }
    }
  }

  /** Sends a request without a body, and reads the head of the answer. */
  Head ask(String request) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    String first = line();
    if (!first.matches("HTTP/1\\.1 \\d\\d\\d.*")) {
      throw new IOException("not a worker's answer: " + first);
    }
    Map<String, String> headers = new TreeMap<>();
    for (String header = line(); !header.isEmpty(); header = line()) {
      int colon = header.indexOf(':');
      String name = header.substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT);
      headers.put(name, header.substring(colon + 1).strip());
    }
    last = "close".equalsIgnoreCase(headers.get("connection"));
    return new Head(Integer.parseInt(first.substring(9, 12)), headers);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (byte b = next(); b != '\n'; b = next()) {
      if (line.length() == MAX_LINE) {
        throw new IOException("a line of a worker's answer is too long");
      }
      if (b != '\r') {
        line.append((char) (b & 0xff));
      }
    }
    return line.toString();
  }

  private byte next() throws IOException {
    if (!buffer.hasRemaining() && !fill()) {
      throw new EOFException("the worker closed the connection within an answer");
    }
    return buffer.get();
  }

  private boolean fill() throws IOException {
    buffer.clear();
    int n = channel.read(buffer);
    buffer.flip();
    return n > 0;
  }

  /** Reads of the body, as far as it is there; -1 at the end of the connection. */
  int read(byte[] to, int offset, int length) throws IOException {
    if (!buffer.hasRemaining()) {
      if (length >= buffer.capacity()) {
        return channel.read(ByteBuffer.wrap(to, offset, length));
      }
      if (!fill()) {
        return -1;
      }
    }
    int n = Math.min(length, buffer.remaining());
    buffer.get(to, offset, n);
    return n;
  }

  int buffered() {
    return buffer.remaining();
  }

  /** The answer is done with. */
  void end(boolean complete) {
    if (complete && !last) {
      reuse.accept(this);
    } else {
      close();
    }
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is of no use any more either way.
    }
  }
}
