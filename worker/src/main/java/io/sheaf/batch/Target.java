package io.sheaf.batch;

import java.nio.charset.StandardCharsets;

/**
 * Where a deposit goes: an archive below the base directory, and the name of an entry in it.
 *
 * @param archive such as {@code b/c.zip}; its last component ends in {@code .zip}, none before does
 * @param entry such as {@code dir/file}, or {@code dir/} for a directory
 */
public record Target(String archive, String entry) {
  /**
   * A directory record as a whole should not exceed 65,535 bytes (APPNOTE 4.4.10), and Java from
   * some release of 17 on refuses the whole archive where one does. Beside the name there are 46
   * bytes of record, 28 of a zip64 field, 9 of a timestamp and 15 of an owner.
   */
  public static final int MAX_ENTRY_BYTES = 65_535 - 46 - 28 - 9 - 15;

  /** Batches, ledgers and journals are named after the archive, with something added. */
  static final int MAX_ARCHIVE_BYTES = 1_024;

  static final int MAX_ARCHIVE_COMPONENT_BYTES = 180;

  /** What decoders put for bytes that are not UTF-8. */
  private static final char MANGLED = '\uFFFD';

  /**
   * Splits {@code ar.zip/rel/path}: the first component that ends in {@code .zip} ends the archive.
   *
   * @throws BadTargetException with a reason in one line, when no archive may hold such a name
   */
  public static Target parse(String path) throws BadTargetException {
    if (path.isEmpty()) {
      throw new BadTargetException("the name is empty");
    }
    int start = 0;
    while (true) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      if (end - start >= 4 && path.regionMatches(end - 4, ".zip", 0, 4)) {
        if (slash < 0) {
          throw new BadTargetException("names an archive but no entry in it");
        }
        Target target = new Target(path.substring(0, end), path.substring(slash + 1));
        target.check();
        return target;
      }
      if (slash < 0) {
        throw new BadTargetException(
            "no component ends in .zip, so there is no archive to put it in");
      }
      start = slash + 1;
    }
  }

  /** The same rules for a target that came in two parts. */
  public void check() throws BadTargetException {
    checkArchive(archive);
    checkEntry(entry);
  }

  /** Refuses an archive name that could leave the base directory or meet Sheaf's own files. */
  public static void checkArchive(String archive) throws BadTargetException {
    checkPath(archive, "archive");
    if (utf8Length(archive) > MAX_ARCHIVE_BYTES) {
      throw new BadTargetException(
          "the archive name is longer than " + MAX_ARCHIVE_BYTES + " bytes");
    }
    String[] parts = archive.split("/", -1);
    if (parts[0].equals(".sheaf") || parts[0].equals(Inbox.MIXED)) {
      throw new BadTargetException("archives under " + parts[0] + "/ are not allowed");
    }
    for (int i = 0; i < parts.length; i++) {
      boolean last = i == parts.length - 1;
      if (last != parts[i].endsWith(".zip") || parts[i].equals(".zip")) {
        throw new BadTargetException("the archive name must end in NAME.zip, once");
      }
      // As a directory x.zip.json would be in the way of the ledger of x.zip.
      if (!last && parts[i].contains(".zip.")) {
        throw new BadTargetException("a directory of the archive name has .zip. in it");
      }
      if (utf8Length(parts[i]) > MAX_ARCHIVE_COMPONENT_BYTES) {
        throw new BadTargetException(
            "a component of the archive name is longer than "
                + MAX_ARCHIVE_COMPONENT_BYTES
                + " bytes");
      }
    }
  }

  /** Whether it is a directory that goes there: the name ends in a slash. */
  public boolean isDirectory() {
    return entry.endsWith("/");
  }

  /**
   * Refuses an entry name that common readers refuse, or extract to somewhere else. That of a
   * directory ends in a slash.
   */
  public static void checkEntry(String entry) throws BadTargetException {
    boolean directory = entry.length() > 1 && entry.endsWith("/");
    checkPath(directory ? entry.substring(0, entry.length() - 1) : entry, "entry");
    int length = utf8Length(entry);
    if (length > MAX_ENTRY_BYTES) {
      throw new BadTargetException(
          "the entry name has " + length + " bytes, readers of zips take " + MAX_ENTRY_BYTES);
    }
  }

  private static void checkPath(String name, String what) throws BadTargetException {
    if (name.isEmpty()) {
      throw new BadTargetException("the " + what + " name is empty");
    }
    if (name.charAt(0) == '/') {
      throw new BadTargetException("the " + what + " name is absolute");
    }
    if (name.indexOf('\0') >= 0) {
      throw new BadTargetException("the " + what + " name has a NUL in it");
    }
    if (name.indexOf('\\') >= 0) {
      throw new BadTargetException("the " + what + " name has a backslash in it");
    }
    if (isMangled(name)) {
      throw new BadTargetException("the " + what + " name is not UTF-8");
    }
    if (hasDrive(name)) {
      throw new BadTargetException("the " + what + " name begins with a drive letter");
    }
    for (int start = 0; start <= name.length(); ) {
      int slash = name.indexOf('/', start);
      int end = slash < 0 ? name.length() : slash;
      checkComponent(name, start, end, what);
      start = end + 1;
    }
  }

  /**
   * Whether something in it stands for bytes that are no text. Decoders put U+FFFD for them, so two
   * such names can look the same; half of a surrogate pair has no bytes at all.
   */
  private static boolean isMangled(String name) {
    for (int i = 0; i < name.length(); i++) {
      int c = name.codePointAt(i);
      if (c == MANGLED || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
        return true;
      }
      i += Character.charCount(c) - 1;
    }
    return false;
  }

  private static boolean hasDrive(String name) {
    char letter = Character.toLowerCase(name.charAt(0));
    return name.length() > 1 && name.charAt(1) == ':' && letter >= 'a' && letter <= 'z';
  }

  private static void checkComponent(String name, int start, int end, String what)
      throws BadTargetException {
    int length = end - start;
    if (length == 0) {
      throw new BadTargetException("the " + what + " name has an empty component");
    }
    if (length <= 2 && name.charAt(start) == '.' && name.charAt(end - 1) == '.') {
      throw new BadTargetException(
          "the " + what + " name has a component " + name.substring(start, end));
    }
  }

  private static int utf8Length(String text) {
    int max = text.length() * 3;
    return max <= MAX_ARCHIVE_COMPONENT_BYTES ? max : text.getBytes(StandardCharsets.UTF_8).length;
  }

  @Override
  public String toString() {
    return archive + "/" + entry;
  }
}
