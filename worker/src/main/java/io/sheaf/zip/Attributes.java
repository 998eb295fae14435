package io.sheaf.zip;

/**
 * What an entry is besides its bytes and its time, as stat(2) has it.
 *
 * @param mode permission bits and the kind: {@link #REGULAR}, {@link #DIRECTORY} or {@link
 *     #SYMLINK}, whose contents are its target
 * @param uid of the owner; {@link #UNKNOWN} when the owner is not recorded
 * @param gid of the owner's group; {@link #UNKNOWN} when the owner is not recorded
 */
public record Attributes(int mode, int uid, int gid) {
  public static final int KIND = 0170000;
  public static final int REGULAR = 0100000;
  public static final int DIRECTORY = 0040000;
  public static final int SYMLINK = 0120000;

  /** Permissions with the bits for set-user-id, set-group-id and the restricted deletion. */
  public static final int PERMISSIONS = 07777;

  /** Of an owner; no user and no group has that number (chown(2)). */
  public static final int UNKNOWN = -1;

  /** Those of a file of which nothing is said. They take no byte in a zip. */
  public static final Attributes FILE = new Attributes(REGULAR | 0644, UNKNOWN, UNKNOWN);

  /** Those of a directory of which nothing is said. */
  public static final Attributes PLAIN_DIRECTORY =
      new Attributes(DIRECTORY | 0755, UNKNOWN, UNKNOWN);

  /** The external attribute of a directory in MS-DOS (APPNOTE 4.4.15), which some readers ask. */
  private static final int DOS_DIRECTORY = 0x10;

  public Attributes {
    mode &= 0xFFFF;
  }

  /** Attributes of a mode, without an owner. */
  public static Attributes of(int mode) {
    return mode == FILE.mode() ? FILE : new Attributes(mode, UNKNOWN, UNKNOWN);
  }

  /** Those of an entry of which nothing is said but its name. */
  public static Attributes byName(boolean slashAtEnd) {
    return slashAtEnd ? PLAIN_DIRECTORY : FILE;
  }

  public Attributes withOwner(int user, int group) {
    return new Attributes(mode, user, group);
  }

  public int kind() {
    return mode & KIND;
  }

  public boolean isDirectory() {
    return kind() == DIRECTORY;
  }

  public boolean isSymlink() {
    return kind() == SYMLINK;
  }

  public boolean hasOwner() {
    return uid != UNKNOWN || gid != UNKNOWN;
  }

  /** Whether the mode is what an entry without any has. */
  boolean isPlainMode() {
    return mode == FILE.mode();
  }

  /** The external attributes of a directory record: the mode in the upper half (4.4.15). */
  int external() {
    return mode << 16 | (isDirectory() ? DOS_DIRECTORY : 0);
  }
}
