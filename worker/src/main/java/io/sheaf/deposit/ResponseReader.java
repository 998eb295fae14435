package io.sheaf.deposit;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads the responses of a worker, which all have a Content-Length. */
final class ResponseReader {
  private static final int MAX_LINE = 8 << 10;
  private static final int MAX_BODY = 1 << 20;

  private final ReadableByteChannel in;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(16 << 10).limit(0);
  private final byte[] line = new byte[MAX_LINE];

  ResponseReader(ReadableByteChannel in) {
    this.in = in;
  }

  /**
   * A response.
   *
   * @param last whether the worker closes the connection after it
   * @param offset up to which a log is safe, -1 when it does not say
   * @param entries that a log became
   */
  record Response(int status, String body, boolean last, long offset, int entries) {
    @Nullable DepositException failure() {
      return status >= 200 && status < 300
          ? null
          : new DepositException(
              DepositException.Kind.ofStatus(status),
              body.isEmpty() ? "the worker answered " + status : body);
    }
  }

  /** The next final response; null at the end of the connection. */
  @Nullable Response next() throws IOException {
    Response response = nextOfAny();
    while (response != null && response.status() < 200) {
      response = nextOfAny();
    }
    return response;
  }

  /** As {@link #next}, interim responses too (RFC 9110, 15.2). */
  @Nullable Response nextOfAny() throws IOException {
    return buffer.hasRemaining() || fill() ? read() : null;
  }

  private Response read() throws IOException {
    String first = line();
    if (!first.startsWith("HTTP/1.1 ") || first.length() < 12) {
      throw new IOException("not a worker's answer: " + first);
    }
    int length = 0;
    boolean last = false;
    long offset = -1;
    int entries = 0;
    for (String header = line(); !header.isEmpty(); header = line()) {
      String lower = header.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = number(header.substring(15));
      } else if (lower.startsWith("upload-offset:")) {
        offset = Long.parseLong(header.substring(14).trim());
      } else if (lower.startsWith("x-sheaf-entries:")) {
        entries = number(header.substring(16));
      }
      last |= lower.equals("connection: close");
    }
    return new Response(number(first.substring(9, 12)), body(length), last, offset, entries);
  }

  private static int number(String text) throws IOException {
    try {
      return Integer.parseInt(text.trim());
    } catch (NumberFormatException e) {
      throw new IOException("not a number in a worker's answer: " + text, e);
    }
  }

  private String body(int length) throws IOException {
    if (length < 0 || length > MAX_BODY) {
      throw new IOException("a worker's answer cannot have " + length + " bytes");
    }
    if (length == 0) {
      return "";
    }
    byte[] body = new byte[length];
    for (int i = 0; i < length; i++) {
      body[i] = nextByte();
    }
    return new String(body, StandardCharsets.UTF_8).strip();
  }

  private String line() throws IOException {
    int n = 0;
    for (byte b = nextByte(); b != '\n'; b = nextByte()) {
      if (n == MAX_LINE) {
        throw new IOException("a line of a worker's answer is too long");
      }
      line[n++] = b;
    }
    int end = n > 0 && line[n - 1] == '\r' ? n - 1 : n;
    return new String(line, 0, end, StandardCharsets.ISO_8859_1);
  }

  private byte nextByte() throws IOException {
    if (!buffer.hasRemaining() && !fill()) {
      throw new EOFException("the worker closed the connection within an answer");
    }
    return buffer.get();
  }

  private boolean fill() throws IOException {
    buffer.clear();
    int n = in.read(buffer);
    buffer.flip();
    return n > 0;
  }
}
