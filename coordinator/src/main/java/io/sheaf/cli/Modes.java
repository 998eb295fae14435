package io.sheaf.cli;

import io.sheaf.zip.Attributes;
import org.jspecify.annotations.Nullable;

/** Modes and owners as ls(1) shows them. */
final class Modes {
  private static final int SET_UID = 04000;
  private static final int SET_GID = 02000;
  private static final int RESTRICTED = 01000;

  private Modes() {}

  /** The kind and nine letters of permissions. */
  static String text(Attributes attributes) {
    int mode = attributes.mode();
    return kind(attributes)
        + letters(mode >> 6, (mode & SET_UID) != 0, 's')
        + letters(mode >> 3, (mode & SET_GID) != 0, 's')
        + letters(mode, (mode & RESTRICTED) != 0, 't');
  }

  private static String kind(Attributes attributes) {
    return switch (attributes.kind()) {
      case Attributes.DIRECTORY -> "d";
      case Attributes.SYMLINK -> "l";
      case Attributes.REGULAR, 0 -> "-";
      default -> "?";
    };
  }

  private static String letters(int bits, boolean special, char letter) {
    boolean execute = (bits & 1) != 0;
    char last = execute ? 'x' : '-';
    if (special) {
      last = execute ? letter : Character.toUpperCase(letter);
    }
    return "" + ((bits & 4) != 0 ? 'r' : '-') + ((bits & 2) != 0 ? 'w' : '-') + last;
  }

  /** {@code UID:GID}; null when the owner is not recorded. */
  static @Nullable String owner(Attributes attributes) {
    return attributes.hasOwner()
        ? Integer.toUnsignedString(attributes.uid())
            + ":"
            + Integer.toUnsignedString(attributes.gid())
        : null;
  }
}
