package io.sheaf.worker;

import java.nio.charset.StandardCharsets;

/**
 * An answer that is more than a status.
 *
 * @param type of the body; empty without one
 * @param headers further lines of the head, each with its line break
 */
@SuppressWarnings("ArrayRecordComponent") // a value on its way to a buffer, never compared
record Reply(int status, String type, String headers, byte[] body) {
  static final String TEXT = "text/plain; charset=utf-8";
  static final String JSON = "application/json";

  static Reply empty(int status) {
    return new Reply(status, "", "", new byte[0]);
  }

  /** One line of text. */
  static Reply line(int status, String text) {
    byte[] body = (text.replaceAll("[\\r\\n]+", " ") + "\n").getBytes(StandardCharsets.UTF_8);
    return new Reply(status, TEXT, "", body);
  }

  static Reply json(byte[] body) {
    return new Reply(Responses.OK, JSON, "", body);
  }

  /** With another header. */
  Reply with(String name, Object value) {
    return new Reply(status, type, headers + name + ": " + value + "\r\n", body);
  }
}
