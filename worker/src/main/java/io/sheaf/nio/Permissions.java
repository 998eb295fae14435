package io.sheaf.nio;

import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** Permission bits as a set, and back. */
final class Permissions {
  private static final int OWNER_READ = 0400;

  private Permissions() {}

  static Set<PosixFilePermission> of(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (PosixFilePermission each : PosixFilePermission.values()) {
      if ((mode & bit(each)) != 0) {
        permissions.add(each);
      }
    }
    return permissions;
  }

  static int bits(Set<PosixFilePermission> permissions) {
    return permissions.stream().mapToInt(Permissions::bit).sum();
  }

  /** The constants stand in the order of the bits. */
  @SuppressWarnings("EnumOrdinal")
  private static int bit(PosixFilePermission permission) {
    return OWNER_READ >> permission.ordinal();
  }
}
