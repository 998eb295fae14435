package io.sheaf.deposit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The numbers of users, as the kernel knows them. */
public final class Owners {
  /** The administrator, from whom nothing can be kept anyway. */
  public static final int ROOT = 0;

  private static final int SELF = ownUid();

  private Owners() {}

  /** This process's user. */
  public static int self() {
    return SELF;
  }

  /** Whether a user is this process's or root. */
  public static boolean isTrusted(int uid) {
    return uid == SELF || uid == ROOT;
  }

  /** Whose a file is; a link's own owner. */
  public static int of(Path file) throws IOException {
    return (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  private static int ownUid() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException | UnsupportedOperationException e) {
      throw new IllegalStateException("this needs Linux with /proc: " + e, e);
    }
  }
}
