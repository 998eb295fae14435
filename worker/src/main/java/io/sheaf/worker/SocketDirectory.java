package io.sheaf.worker;

import io.sheaf.deposit.Owners;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * The directory of a worker's socket. Whoever may rename in it, or in a directory on the way to it,
 * could put a socket of his own in the place of the worker's and take what is deposited.
 */
final class SocketDirectory {
  private static final int OTHERS_WRITE = 02;
  private static final int GROUP_WRITES = 020;
  private static final int OTHERS_PASS = 01;
  private static final int GROUP_PASSES = 010;
  private static final int STICKY = 01000;

  private final Path directory;
  private final boolean shared;

  /**
   * @param shared whether other users are let in
   */
  SocketDirectory(Path directory, boolean shared) {
    this.directory = directory;
    this.shared = shared;
  }

  /**
   * Makes it, of mode 0700, or 0711 when it is shared, or makes sure that one which is there is
   * safe.
   *
   * @throws IOException when it is not; the message says what to do
   */
  void prepare() throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      make();
    }
    check();
  }

  private void make() throws IOException {
    Path parent = directory.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      return; // Another was faster, whoever that was: it is looked at.
    }
    if (shared) { // Past the umask.
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    }
  }

  private void check() throws IOException {
    for (Path each = directory; each != null; each = each.getParent()) {
      if (Files.isSymbolicLink(each) && !Owners.isTrusted(Owners.of(each))) {
        throw unsafe(each + " is a symbolic link that another user made");
      }
    }
    if (!Files.isDirectory(directory)) {
      throw unsafe(directory + " is no directory");
    }
    Path real = directory.toRealPath();
    requireOwn(real);
    for (Path each = real.getParent(); each != null; each = each.getParent()) {
      int mode = mode(each);
      if ((mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0) {
        throw unsafe(each + " can be written by everybody");
      }
    }
    if (!Files.isWritable(real)) {
      throw new IOException(
          "no socket can be made in " + directory + ": give another path with --socket");
    }
  }

  private void requireOwn(Path real) throws IOException {
    if (!Owners.isTrusted(Owners.of(real))) {
      throw unsafe(directory + " belongs to another user (uid " + Owners.of(real) + ")");
    }
    int mode = mode(real);
    if ((mode & STICKY) != 0 && (mode & OTHERS_WRITE) != 0) {
      throw unsafe(directory + " is there for everybody");
    }
    if ((mode & (OTHERS_WRITE | GROUP_WRITES)) != 0) {
      throw new IOException(
          directory
              + " can be written by others, who could put a socket of theirs in the worker's place:"
              + " chmod go-w "
              + directory
              + ", or give another path with --socket");
    }
    if (shared && (mode & (OTHERS_PASS | GROUP_PASSES)) == 0) {
      throw new IOException(
          "allow_users or allow_groups lets others in, but they cannot reach "
              + directory
              + ": chmod 711 "
              + directory
              + ", or give another path with --socket");
    }
  }

  private static IOException unsafe(String why) {
    return new IOException(
        why
            + ": a socket there would not be safe; give a path in a directory of your own with"
            + " --socket, such as $HOME/sheaf/worker.sock or one that does not exist yet");
  }

  private static int mode(Path path) throws IOException {
    Map<String, Object> found = Files.readAttributes(path, "unix:mode");
    return (Integer) found.getOrDefault("mode", 0);
  }
}
