package io.sheaf.conf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Reads passwords from where they are kept. No message holds a password. */
public final class Secrets {
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private Secrets() {}

  /**
   * The first line of a file.
   *
   * @param origin of the reference, for messages
   * @throws ConfException when others may read or write it, or it is empty
   */
  public static Secret fromFile(Path file, String origin) {
    String line;
    try {
      requirePrivate(file, origin + ": the password file");
      line = Files.readString(file).lines().findFirst().orElse("");
    } catch (IOException e) {
      throw new ConfException(origin + ": cannot read the password file " + file + ": " + e, e);
    }
    if (line.isEmpty()) {
      throw new ConfException(origin + ": the password file " + file + " is empty");
    }
    return new Secret(line);
  }

  /**
   * The value of an environment variable.
   *
   * @param origin of the reference, for messages
   * @throws ConfException when the variable is not set or empty
   */
  public static Secret fromVariable(String name, Map<String, String> environment, String origin) {
    String value = environment.get(name);
    if (value == null || value.isEmpty()) {
      throw new ConfException(
          origin + ": the environment variable " + name + " for the password is not set");
    }
    return new Secret(value);
  }

  /**
   * Refuses a file with a secret that others may read or write.
   *
   * @param what begins the message
   */
  public static void requirePrivate(Path file, String what) throws IOException {
    Set<PosixFilePermission> open = EnumSet.noneOf(PosixFilePermission.class);
    open.addAll(Files.getPosixFilePermissions(file));
    open.retainAll(OTHERS);
    if (!open.isEmpty()) {
      throw new ConfException(what + " " + file + " is open to others: chmod 600 " + file);
    }
  }

  /** As {@link #requirePrivate}; refuses a file of another user, too, who could have planted it. */
  public static void requireOwn(Path file, String what) throws IOException {
    requirePrivate(file, what);
    if (!Files.getAttribute(file, "unix:uid").equals(ownUid())) {
      throw new ConfException(what + " " + file + " belongs to another user: give one of your own");
    }
  }

  private static Object ownUid() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }
}
