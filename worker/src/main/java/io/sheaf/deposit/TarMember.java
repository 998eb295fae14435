package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.zip.Attributes;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * A member of a tar stream, as its header says.
 *
 * @param kind one of the {@code LF_} constants
 * @param link what it is a link to; empty for what is none
 * @param modified milliseconds since the epoch
 * @param size bytes of its contents
 */
record TarMember(
    String name,
    byte kind,
    boolean isDirectory,
    String link,
    int mode,
    long uid,
    long gid,
    long modified,
    long size) {

  /**
   * What the library read, names as Latin-1.
   *
   * @param pax which of them it has from an extended header
   */
  static TarMember of(TarArchiveEntry entry, TarPax pax) {
    long size = entry.isSparse() ? entry.getRealSize() : entry.getSize();
    return new TarMember(
        TarPax.name(entry.getName(), pax.path()),
        entry.getLinkFlag(),
        entry.isDirectory(),
        TarPax.name(entry.getLinkName(), pax.link()),
        entry.getMode(),
        entry.getLongUserId(),
        entry.getLongGroupId(),
        entry.getLastModifiedTime().toMillis(),
        entry.isDirectory() ? 0 : size);
  }

  boolean isHardLink() {
    return kind == TarConstants.LF_LINK;
  }

  boolean isSymlink() {
    return kind == TarConstants.LF_SYMLINK;
  }

  Attributes attributes() throws DepositException {
    return new Attributes(fileKind() | (mode & Attributes.PERMISSIONS), number(uid), number(gid));
  }

  private static int number(long id) throws DepositException {
    if (id < 0 || id > 0xFFFFFFFFL) {
      throw new DepositException(Kind.REFUSED, "its owner's number " + id + " is no user's");
    }
    return (int) id;
  }

  private int fileKind() throws DepositException {
    if (isDirectory) {
      return Attributes.DIRECTORY;
    }
    return switch (kind) {
      case TarConstants.LF_SYMLINK -> Attributes.SYMLINK;
      case TarConstants.LF_OLDNORM,
          TarConstants.LF_NORMAL,
          TarConstants.LF_LINK,
          TarConstants.LF_CONTIG,
          TarConstants.LF_GNUTYPE_SPARSE ->
          Attributes.REGULAR;
      case TarConstants.LF_CHR, TarConstants.LF_BLK ->
          throw new DepositException(Kind.REFUSED, "it is a device");
      case TarConstants.LF_FIFO -> throw new DepositException(Kind.REFUSED, "it is a FIFO");
      default -> throw new DepositException(Kind.REFUSED, "it is of kind '" + (char) kind + "'");
    };
  }

  /** Its name, as tar's own members are named where it was told to take the directory it is in. */
  String bareName() {
    return withoutDots(name);
  }

  /** What it is a hard link to, as above. */
  String bareLink() {
    return withoutDots(link);
  }

  private static String withoutDots(String name) {
    int start = 0;
    while (name.startsWith("./", start)) {
      start += 2;
      while (name.startsWith("/", start)) {
        start++;
      }
    }
    String rest = start == 0 ? name : name.substring(start);
    return rest.equals(".") ? "" : rest;
  }
}
