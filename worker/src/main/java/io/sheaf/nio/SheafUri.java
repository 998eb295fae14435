package io.sheaf.nio;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * URIs of the scheme: {@code sheaf:///PATH}, and {@code ?socket=PATH} where the worker is not that
 * of the environment, both percent-encoded UTF-8.
 */
final class SheafUri {
  private static final String SOCKET = "socket=";

  private SheafUri() {}

  /** The worker's socket; empty for that of the environment. */
  static String socket(URI uri) {
    check(uri);
    String query = uri.getQuery();
    if (query == null) {
      return "";
    }
    if (!query.startsWith(SOCKET) || !query.startsWith("/", SOCKET.length())) {
      throw wrong(uri, "the query can only be socket=/PATH");
    }
    return query.substring(SOCKET.length());
  }

  private static void check(URI uri) {
    if (!SheafFileSystemProvider.SCHEME.equalsIgnoreCase(uri.getScheme())) {
      throw wrong(uri, "the scheme is not sheaf");
    }
    if (uri.getRawAuthority() != null) {
      throw wrong(uri, "it names a host; write sheaf:///ar.zip/dir/file, with three slashes");
    }
    if (uri.getRawFragment() != null) {
      throw wrong(uri, "it has a fragment; write # in a name as %23");
    }
    if (uri.getRawPath() == null || !uri.getRawPath().startsWith("/")) {
      throw wrong(uri, "the path does not begin with a slash");
    }
  }

  private static IllegalArgumentException wrong(URI uri, String why) {
    return new IllegalArgumentException(uri + ": " + why);
  }

  static String path(URI uri) {
    return uri.getPath();
  }

  /** The URI that gives the same path again. */
  static URI of(String path, String socket) {
    try {
      String query = socket.isEmpty() ? null : SOCKET + socket;
      URI plain = new URI(SheafFileSystemProvider.SCHEME, "", path, query, null);
      return URI.create(plain.toASCIIString());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(path, e);
    }
  }
}
