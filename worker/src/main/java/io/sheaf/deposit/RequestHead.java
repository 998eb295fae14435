package io.sheaf.deposit;

import io.sheaf.zip.Attributes;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The head of a PUT request for one entry. */
final class RequestHead {
  /** Characters of a path that need no escape (RFC 3986, 3.3). */
  private static final String PLAIN = "-._~!$&'()*+,;=:@/";

  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private RequestHead() {}

  /**
   * A head that announces that many bytes, or a chunked body for {@link DepositOptions#UNKNOWN}.
   */
  static byte[] of(String target, DepositOptions options, long length) {
    StringBuilder head = new StringBuilder(160).append("PUT /");
    escape(target, head);
    head.append(" HTTP/1.1\r\nHost: localhost\r\n");
    if (length >= 0) {
      head.append("Content-Length: ").append(length).append("\r\n");
    } else {
      head.append("Transfer-Encoding: chunked\r\n");
    }
    if (options.durability() != null) {
      String name = options.durability().name().toLowerCase(Locale.ROOT);
      head.append(DepositHeaders.DURABILITY).append(": ").append(name).append("\r\n");
    }
    if (options.modified() != DepositOptions.NOW) {
      head.append(DepositHeaders.MODIFIED).append(": ").append(options.modified()).append("\r\n");
    }
    appendAttributes(head, options.attributes());
    if (options.id() != null) {
      head.append(DepositHeaders.ID).append(": ").append(options.id()).append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void appendAttributes(StringBuilder head, @Nullable Attributes attributes) {
    // Not by equals: what a record makes for that, at run time, costs a short command milliseconds.
    if (attributes == null
        || (attributes.mode() == Attributes.FILE.mode() && !attributes.hasOwner())) {
      return;
    }
    String mode = Integer.toOctalString(attributes.mode());
    head.append(DepositHeaders.MODE).append(": ").append(mode).append("\r\n");
    if (attributes.hasOwner()) {
      head.append(DepositHeaders.OWNER).append(": ");
      head.append(Integer.toUnsignedString(attributes.uid())).append(':');
      head.append(Integer.toUnsignedString(attributes.gid())).append("\r\n");
    }
  }

  /** The head of a request that appends to a log. */
  static byte[] append(String target, AppendOptions options) {
    return append(target, options, "");
  }

  /**
   * The head of a request that goes on with a log.
   *
   * @param from offset at which it goes on
   * @param number of the next entry, for a worker that does not know the log
   */
  static byte[] goOn(String target, AppendOptions options, long from, long number) {
    return append(target, options, "&from=" + from + "&number=" + number);
  }

  private static byte[] append(String target, AppendOptions options, String more) {
    StringBuilder head = new StringBuilder(160).append("POST /");
    escape(target, head);
    head.append("?append");
    if (!options.rule().isNone()) {
      head.append("&segment=").append(options.rule().text());
    }
    head.append(more);
    head.append(" HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n");
    if (options.durability() != null) {
      String name = options.durability().name().toLowerCase(Locale.ROOT);
      head.append(DepositHeaders.DURABILITY).append(": ").append(name).append("\r\n");
    }
    if (options.id() != null) {
      head.append(DepositHeaders.ID).append(": ").append(options.id()).append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Percent-encodes a target for the path of a request. */
  static void escape(String target, StringBuilder out) {
    for (byte b : target.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (isPlain(c)) {
        out.append(c);
      } else {
        out.append('%').append(HEX[c >> 4]).append(HEX[c & 15]);
      }
    }
  }

  private static boolean isPlain(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || PLAIN.indexOf(c) >= 0;
  }
}
