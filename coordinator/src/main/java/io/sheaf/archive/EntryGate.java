package io.sheaf.archive;

import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.LocalHeader;
import io.sheaf.zip.ZipFormat;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Keeps out of a destination what common readers refuse: one such entry makes them refuse the whole
 * file, or extract to where nobody meant.
 */
final class EntryGate {
  /** What no reader need know, and the charset of the name. */
  private static final int PLAIN = ZipFormat.FLAGS_DEFLATE_LEVEL | ZipFormat.FLAG_UTF8;

  /** What a directory record's lengths add up to at most (APPNOTE 4.4.10); Java insists. */
  private static final int LONGEST_RECORD = 0xFFFF;

  /** Deflate makes at most so many bytes of one. */
  private static final int DEFLATE_RATIO = 1032;

  /** Far above what filesystems hold, and far enough below what overflows in a sum. */
  private static final long LARGEST_FILE = 1L << 60;

  private static final String SECOND_NAME = "it has an extra field with a second name";

  private static final int TYPE_MASK = 0170000;
  private static final int REGULAR = 0100000;
  private static final int DIRECTORY = 0040000;
  private static final int SYMLINK = 0120000;

  private static final byte[] NO_PREFIX = {};

  private final boolean symlinks;

  EntryGate(boolean symlinks) {
    this.symlinks = symlinks;
  }

  /** Why the entry at which a cursor stands is refused; null when it may pass. */
  @Nullable String refuses(DirectoryCursor entry) {
    if ((entry.flags() & ~PLAIN) != 0) {
      return "its flags say encryption, a data descriptor or another feature that not every reader"
          + " has (0x"
          + Integer.toHexString(entry.flags())
          + ")";
    }
    if (entry.method() != ZipFormat.STORED && entry.method() != ZipFormat.DEFLATED) {
      return "its compression method " + entry.method() + " is neither stored nor deflated";
    }
    if (entry.versionNeeded() > ZipFormat.VERSION_ZIP64 || entry.disk() != 0) {
      return "it needs a reader of version "
          + entry.versionNeeded()
          + " and begins on disk "
          + entry.disk();
    }
    if (!entry.extraWellFormed() || !entry.zip64Exact()) {
      return "its extra fields are malformed";
    }
    if (entry.hasExtra(ZipFormat.EXTRA_UNICODE_PATH)) {
      return SECOND_NAME;
    }
    if (entry.longestLength() > LONGEST_RECORD) {
      return "its name, extra fields and comment are longer together than readers take";
    }
    return refusesNumbers(entry);
  }

  private @Nullable String refusesNumbers(DirectoryCursor entry) {
    if (!possible(entry.size()) || !possible(entry.compressedSize()) || !possible(entry.offset())) {
      return "it says a size or place that no file has";
    }
    if (entry.method() == ZipFormat.STORED && entry.size() != entry.compressedSize()) {
      return "it is stored and says two sizes";
    }
    if (entry.method() == ZipFormat.DEFLATED
        && entry.size() / DEFLATE_RATIO > entry.compressedSize()) {
      return "it says a size that its compressed bytes cannot have";
    }
    String type = refusesType(entry.unixMode());
    return type != null ? type : refusesTexts(entry);
  }

  private static boolean possible(long number) {
    return number >= 0 && number <= LARGEST_FILE;
  }

  private @Nullable String refusesType(int mode) {
    return switch (mode & TYPE_MASK) {
      case 0, REGULAR, DIRECTORY -> null;
      case SYMLINK -> symlinks ? null : "it is a symbolic link, which this session does not allow";
      default -> "it is a device, FIFO or socket";
    };
  }

  private static @Nullable String refusesTexts(DirectoryCursor entry) {
    if (!entry.hasComment()
        && (entry.unixMode() & TYPE_MASK) != DIRECTORY
        && PlainName.is(entry.nameArray(), entry.nameFrom(), entry.nameTo())) {
      return null;
    }
    try {
      // Java's reader takes names and comments for UTF-8 whether bit 11 says so or not.
      String name = StandardCharsets.UTF_8.newDecoder().decode(entry.name()).toString();
      if (entry.hasComment()) {
        StandardCharsets.UTF_8.newDecoder().decode(entry.comment());
      }
      return refusesName(name, entry);
    } catch (CharacterCodingException e) {
      return "its name or comment is not UTF-8";
    }
  }

  private static @Nullable String refusesName(String name, DirectoryCursor entry) {
    boolean directory = name.endsWith("/");
    int type = entry.unixMode() & TYPE_MASK;
    try {
      Target.checkEntry(name);
    } catch (BadTargetException e) {
      return e.getMessage();
    }
    if (directory && entry.size() != 0) {
      return "its name is that of a directory, and it has contents";
    }
    if (!directory && type == DIRECTORY) {
      return "its mode says a directory, and its name does not";
    }
    if (directory && type == SYMLINK) {
      return "its mode says a symbolic link, and its name a directory";
    }
    return null;
  }

  /** Why the local header of an entry is refused; null when it says what the directory says. */
  static @Nullable String refusesLocal(
      LocalHeader.Found found, LocalHeader local, DirectoryCursor entry) {
    return refusesLocal(found, local, entry, NO_PREFIX);
  }

  /**
   * As {@link #refusesLocal(LocalHeader.Found, LocalHeader, DirectoryCursor)}, for an entry whose
   * local header has something before its name: {@link io.sheaf.batch.BatchFile#prefix}.
   */
  static @Nullable String refusesLocal(
      LocalHeader.Found found, LocalHeader local, DirectoryCursor entry, byte[] prefix) {
    if (found != LocalHeader.Found.HEADER) {
      return "there is no local header where the directory says";
    }
    boolean agree =
        local.method() == entry.method()
            && local.flags() == entry.flags()
            && local.crc() == entry.crc()
            && local.zip64Complete()
            && local.compressedSize() == entry.compressedSize()
            && local.size() == entry.size()
            && !local.contradictsMode(entry.unixMode())
            && local.isNamed(prefix, entry);
    if (!agree) {
      return "its local header and the directory disagree";
    }
    if (!local.extraWellFormed()) {
      return "its local header's extra fields are malformed";
    }
    if (local.versionNeeded() > ZipFormat.VERSION_ZIP64) {
      return "its local header needs a reader of version " + local.versionNeeded();
    }
    return local.hasExtra(ZipFormat.EXTRA_UNICODE_PATH) ? SECOND_NAME : null;
  }
}
