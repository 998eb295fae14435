package io.sheaf.worker;

import io.netty.buffer.ByteBuf;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositHeaders;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes responses as bytes. They all have a Content-Length, so none needs an encoder. */
final class Responses {
  static final int OK = 200;
  static final int FORBIDDEN = 403;
  static final int NOT_FOUND = 404;
  static final int NOT_ALLOWED = 405;
  static final int EXPECTATION_FAILED = 417;

  private static final byte[] CREATED = ascii("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  private static final byte[] CREATED_LAST =
      ascii("HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  private static final byte[] CONTINUE = ascii("HTTP/1.1 100 Continue\r\n\r\n");

  private static final byte[] PIPE =
      ascii("HTTP/1.1 100 Continue\r\n" + DepositHeaders.PIPE + ": 1\r\n\r\n");

  private Responses() {}

  /** Room that a response without a body needs at most. */
  static final int CREATED_LENGTH = CREATED_LAST.length;

  static void created(ByteBuf out, boolean keepAlive) {
    out.writeBytes(keepAlive ? CREATED : CREATED_LAST);
  }

  static void proceed(ByteBuf out) {
    out.writeBytes(CONTINUE);
  }

  /** As {@link #proceed}; behind it comes one byte with the descriptor of a pipe. */
  static void pipe(ByteBuf out) {
    out.writeBytes(PIPE);
  }

  /**
   * Writes a reply.
   *
   * @param length of the body, which may come later
   */
  static void write(ByteBuf out, Reply reply, long length, boolean keepAlive) {
    String headers = extra(reply.status()) + reply.headers();
    writeHead(out, reply.status(), reply.type(), headers, length, keepAlive);
    out.writeBytes(reply.body());
  }

  /** The end of a log; the reason is null for a good one. */
  static void appended(
      ByteBuf out, @Nullable DepositException reason, long offset, int entries, boolean keepAlive) {
    String extra = "Upload-Offset: " + offset + "\r\nX-Sheaf-Entries: " + entries + "\r\n";
    if (reason != null) {
      String line = reason.getMessage();
      error(out, reason.kind().status(), line == null ? "" : line, extra, keepAlive);
      return;
    }
    String close = keepAlive ? "" : "Connection: close\r\n";
    out.writeBytes(ascii("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n" + extra + close + "\r\n"));
  }

  /** How much of a log is safe while it goes on (RFC 9110, 15.2). */
  static void progress(ByteBuf out, long offset, int entries) {
    out.writeBytes(
        ascii(
            "HTTP/1.1 104 Upload Resumption Supported\r\nUpload-Offset: "
                + offset
                + "\r\nX-Sheaf-Entries: "
                + entries
                + "\r\n\r\n"));
  }

  static void json(ByteBuf out, byte[] body, boolean keepAlive) {
    write(out, OK, "application/json", "", body, keepAlive);
  }

  static void error(ByteBuf out, int status, String line, boolean keepAlive) {
    error(out, status, line, "", keepAlive);
  }

  private static void error(ByteBuf out, int status, String line, String more, boolean keepAlive) {
    byte[] body = (line.replaceAll("[\\r\\n]+", " ") + "\n").getBytes(StandardCharsets.UTF_8);
    write(out, status, "text/plain; charset=utf-8", extra(status) + more, body, keepAlive);
  }

  private static String extra(int status) {
    if (status == NOT_ALLOWED) {
      return "Allow: PUT, GET, HEAD, POST\r\n";
    }
    return status == DepositException.Kind.UNAVAILABLE.status() ? "Retry-After: 1\r\n" : "";
  }

  private static void write(
      ByteBuf out, int status, String type, String extra, byte[] body, boolean keepAlive) {
    writeHead(out, status, type, extra, body.length, keepAlive);
    out.writeBytes(body);
  }

  private static void writeHead(
      ByteBuf out, int status, String type, String extra, long length, boolean keepAlive) {
    String head =
        "HTTP/1.1 "
            + status
            + " "
            + phrase(status)
            + (type.isEmpty() ? "" : "\r\nContent-Type: " + type)
            + "\r\nContent-Length: "
            + length
            + "\r\n"
            + extra
            + (keepAlive ? "\r\n" : "Connection: close\r\n\r\n");
    out.writeBytes(ascii(head));
  }

  private static String phrase(int status) {
    return switch (status) {
      case OK -> "OK";
      case 201 -> "Created";
      case 400 -> "Bad Request";
      case FORBIDDEN -> "Forbidden";
      case NOT_FOUND -> "Not Found";
      case NOT_ALLOWED -> "Method Not Allowed";
      case 409 -> "Conflict";
      case 413 -> "Content Too Large";
      case EXPECTATION_FAILED -> "Expectation Failed";
      case 422 -> "Unprocessable Content";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      case 505 -> "HTTP Version Not Supported";
      case 507 -> "Insufficient Storage";
      default -> "Internal Server Error";
    };
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
