package io.sheaf.worker;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;

/** The version of what is written down in docs/protocol.md. */
final class Protocol {
  static final int VERSION = 1;

  /** The status for another version. */
  static final int NOT_SPOKEN = 505;

  private static final AsciiString HEADER = AsciiString.of("X-Sheaf-Protocol");

  private Protocol() {}

  /** Whether a client that says a version says this one. */
  static boolean isSpoken(HttpHeaders headers) {
    String wanted = headers.get(HEADER);
    return wanted == null || wanted.strip().equals(Integer.toString(VERSION));
  }

  static String refusal() {
    return "this worker speaks version " + VERSION + " of the protocol";
  }
}
