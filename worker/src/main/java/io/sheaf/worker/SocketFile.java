package io.sheaf.worker;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** The name of a worker's socket: made ready to be bound, and removed at the end. */
final class SocketFile {
  /** {@code sun_path} has 108 bytes, the last one is NUL (unix(7)). */
  private static final int MAX_BYTES = 107;

  private final Path path;
  private final boolean shared;
  private boolean bound;

  /**
   * @param shared whether other users than this one and root are let in
   */
  SocketFile(Path path, boolean shared) {
    this.path = path.toAbsolutePath().normalize();
    this.shared = shared;
  }

  Path path() {
    return path;
  }

  /**
   * Makes the directory, or makes sure that it is safe, and removes the socket of a worker that is
   * gone.
   *
   * @throws IOException when the path cannot be a socket's, or a worker serves it
   */
  void prepare() throws IOException {
    int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > MAX_BYTES) {
      throw new IOException(
          "the path of the socket has "
              + length
              + " bytes and can have "
              + MAX_BYTES
              + ": give a shorter one with --socket: "
              + path);
    }
    Path directory = path.getParent();
    if (directory == null) {
      throw new IOException(path + " cannot be a socket: give a path with --socket");
    }
    new SocketDirectory(directory, shared).prepare();
    removeStale();
  }

  private void removeStale() throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    BasicFileAttributes there =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!there.isOther()) {
      throw new IOException(
          path + " is not a socket: remove it or give another path with --socket");
    }
    if (isServed()) {
      throw new IOException(
          "a worker serves " + path + " already: stop it or give another path with --socket");
    }
    Files.deleteIfExists(path);
  }

  private boolean isServed() {
    try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return probe.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** It is bound: opens it for those who are meant to be let in, past the umask. */
  void bound() throws IOException {
    bound = true;
    Files.setPosixFilePermissions(
        path, PosixFilePermissions.fromString(shared ? "rw-rw-rw-" : "rw-------"));
  }

  void remove() throws IOException {
    if (bound) {
      bound = false;
      Files.deleteIfExists(path);
    }
  }
}
