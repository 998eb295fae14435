package io.sheaf.worker;

import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the target of a deposit from a request target (RFC 9112, 3.2). The path is percent-encoded
 * UTF-8; bytes above 127 may also come as they are, since curl sends them so. The decoder of the
 * request line gives each byte as one character.
 */
final class RequestTarget {
  private RequestTarget() {}

  static Target parse(String uri) throws BadTargetException {
    return Target.parse(decode(path(uri)));
  }

  /**
   * A target in the directory that a path names, or in an archive itself: an entry named as the
   * directory, with one letter behind.
   */
  static Target within(String uri) throws BadTargetException {
    String directory = decode(path(uri));
    return Target.parse(directory + (directory.endsWith("/") ? "" : "/") + "x");
  }

  /** The path without its first slash. */
  private static String path(String uri) throws BadTargetException {
    if (uri.startsWith("/")) {
      return uri.substring(1);
    }
    int authority = uri.indexOf("://");
    if (authority > 0) {
      int slash = uri.indexOf('/', authority + 3);
      return slash < 0 ? "" : uri.substring(slash + 1);
    }
    throw new BadTargetException("the path of the request must begin with a slash");
  }

  private static String decode(String path) throws BadTargetException {
    boolean plain = true;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '?') {
        throw new BadTargetException("a query is not allowed; write ? in a name as %3F");
      }
      if (c == '#') {
        throw new BadTargetException("a fragment is not allowed; write # in a name as %23");
      }
      plain &= c != '%' && c < 0x80;
    }
    return plain ? path : decodeBytes(path);
  }

  private static String decodeBytes(String path) throws BadTargetException {
    ByteBuffer bytes = ByteBuffer.allocate(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%') {
        bytes.put(escaped(path, i));
        i += 2;
      } else {
        bytes.put((byte) c);
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException e) {
      throw new BadTargetException("the name is not UTF-8");
    }
  }

  private static byte escaped(String path, int at) throws BadTargetException {
    int high = at + 2 < path.length() ? Character.digit(path.charAt(at + 1), 16) : -1;
    int low = high >= 0 ? Character.digit(path.charAt(at + 2), 16) : -1;
    if (low < 0) {
      throw new BadTargetException("a % in the name is not followed by two hex digits");
    }
    return (byte) (high << 4 | low);
  }
}
