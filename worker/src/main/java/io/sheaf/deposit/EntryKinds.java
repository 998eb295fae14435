package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.zip.Attributes;
import org.jspecify.annotations.Nullable;

/** Which kinds of entries are taken, and what they may hold. */
final class EntryKinds {
  /** The longest target of a link that Linux takes: PATH_MAX without the NUL at its end. */
  private static final int LONGEST_LINK = 4095;

  private EntryKinds() {}

  /** The attributes to keep of an entry; those that its name implies where nothing is said. */
  static Attributes attributes(String name, @Nullable Attributes given) {
    return given != null ? given : Attributes.byName(name.endsWith("/"));
  }

  /**
   * Refuses an entry for its kind.
   *
   * @param size of the contents, or {@link DepositOptions#UNKNOWN}
   */
  static void check(String name, Attributes attributes, long size, boolean symlinks)
      throws DepositException {
    boolean slash = name.endsWith("/");
    switch (attributes.kind()) {
      case Attributes.REGULAR -> require(!slash, "a name that ends in / is for a directory");
      case Attributes.DIRECTORY -> require(slash, "the name of a directory must end in /");
      case Attributes.SYMLINK -> {
        require(symlinks, "this session takes no symbolic links (symlinks=false)");
        require(!slash, "a name that ends in / is for a directory, not for a symbolic link");
        require(size != 0, "the target of the symbolic link is empty");
      }
      default -> throw refused("only files, directories and symbolic links are taken");
    }
    checkContents(name, attributes, size);
  }

  /** Refuses contents of so many bytes, that many or the first that have come. */
  static void checkContents(String name, Attributes attributes, long size) throws DepositException {
    require(size <= 0 || !name.endsWith("/"), "a directory has no contents");
    require(
        size <= LONGEST_LINK || !attributes.isSymlink(),
        "the target of a symbolic link has " + LONGEST_LINK + " bytes at most");
  }

  private static void require(boolean right, String otherwise) throws DepositException {
    if (!right) {
      throw refused(otherwise);
    }
  }

  private static DepositException refused(String why) {
    return new DepositException(Kind.REFUSED, why);
  }
}
