package io.sheaf.worker;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The name of a worker's socket: made ready to be bound, and removed at the end. */
final class SocketFile {
  /** {@code sun_path} has 108 bytes, the last one is NUL (unix(7)). */
  private static final int MAX_BYTES = 107;

  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  private final Path path;
  private boolean bound;

  SocketFile(Path path) {
    this.path = path.toAbsolutePath().normalize();
  }

  Path path() {
    return path;
  }

  /**
   * Makes the directory, for this user alone, and removes the socket of a worker that is gone.
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
    prepareDirectory(directory);
    removeStale();
  }

  /** A directory that was there keeps its mode: it is the user's choice. */
  private static void prepareDirectory(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      if (!Files.isWritable(directory)) {
        throw new IOException(
            "no socket can be made in " + directory + ": give another path with --socket");
      }
      return;
    }
    Path parent = directory.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PRIVATE));
    } catch (FileAlreadyExistsException e) {
      // Another worker was faster.
    }
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

  void bound() {
    bound = true;
  }

  void remove() throws IOException {
    if (bound) {
      bound = false;
      Files.deleteIfExists(path);
    }
  }
}
