package io.sheaf.archive;

import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.LocalHeader;
import io.sheaf.zip.ZipFormat;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps out of a destination what common readers refuse: one such entry makes them refuse the whole
 * file, or extract to where nobody meant.
 */
final class EntryGate {
  private static final int FORBIDDEN =
      ZipFormat.FLAG_ENCRYPTED
          | ZipFormat.FLAG_DATA_DESCRIPTOR
          | ZipFormat.FLAG_STRONG_ENCRYPTION
          | ZipFormat.FLAG_MASKED;

  /** Far above what filesystems hold, and far enough below what overflows in a sum. */
  private static final long LARGEST_FILE = 1L << 60;

  private static final int TYPE_MASK = 0170000;
  private static final int REGULAR = 0100000;
  private static final int DIRECTORY = 0040000;
  private static final int SYMLINK = 0120000;

  private static final ByteBuffer NO_PREFIX = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final boolean symlinks;

  EntryGate(boolean symlinks) {
    this.symlinks = symlinks;
  }

  /** Why the entry at which a cursor stands is refused; null when it may pass. */
  @Nullable String refuses(DirectoryCursor entry) {
    if ((entry.flags() & FORBIDDEN) != 0) {
      return "its flags say encryption or a data descriptor (0x"
          + Integer.toHexString(entry.flags())
          + ")";
    }
    if (entry.method() != ZipFormat.STORED && entry.method() != ZipFormat.DEFLATED) {
      return "its compression method " + entry.method() + " is neither stored nor deflated";
    }
    if (!entry.extraWellFormed() || !entry.zip64Complete()) {
      return "its extra fields are malformed";
    }
    if (!possible(entry.size()) || !possible(entry.compressedSize()) || !possible(entry.offset())) {
      return "it says a size or place that no file has";
    }
    if (entry.method() == ZipFormat.STORED && entry.size() != entry.compressedSize()) {
      return "it is stored and says two sizes";
    }
    String type = refusesType(entry.unixMode());
    return type != null ? type : refusesName(entry);
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

  private static @Nullable String refusesName(DirectoryCursor entry) {
    try {
      String name = entry.nameText();
      boolean directory = name.endsWith("/") && entry.size() == 0;
      Target.checkEntry(directory ? name.substring(0, name.length() - 1) : name);
      return null;
    } catch (CharacterCodingException e) {
      return "its name is not the UTF-8 that it says";
    } catch (BadTargetException e) {
      return e.getMessage();
    }
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
      LocalHeader.Found found, LocalHeader local, DirectoryCursor entry, ByteBuffer prefix) {
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
            && isNamed(local, prefix, entry);
    if (!agree) {
      return "its local header and the directory disagree";
    }
    return local.extraWellFormed() ? null : "its local header's extra fields are malformed";
  }

  private static boolean isNamed(LocalHeader local, ByteBuffer prefix, DirectoryCursor entry) {
    ByteBuffer name = local.name();
    int n = prefix.remaining();
    return name.remaining() == n + entry.nameLength()
        && name.slice(0, n).equals(prefix)
        && name.slice(n, entry.nameLength()).equals(entry.name());
  }
}
