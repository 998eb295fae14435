package io.sheaf.worker;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.DepositHeaders;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.Lanes;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.DepositId;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads what the head of a request says of its entry: {@link DepositHeaders}. */
final class EntryHeaders {
  private static final AsciiString DURABILITY = AsciiString.of(DepositHeaders.DURABILITY);
  private static final AsciiString MODIFIED = AsciiString.of(DepositHeaders.MODIFIED);
  private static final AsciiString MODE = AsciiString.of(DepositHeaders.MODE);
  private static final AsciiString OWNER = AsciiString.of(DepositHeaders.OWNER);
  static final AsciiString ID = AsciiString.of(DepositHeaders.ID);

  private EntryHeaders() {}

  /**
   * Reads all of them.
   *
   * @param directory whether the target is one, for a mode that names no kind
   * @throws DepositException REFUSED when one of them cannot be read
   */
  static void read(HttpHeaders headers, boolean directory, Exchange exchange)
      throws DepositException {
    exchange.durability = durability(headers.get(DURABILITY));
    exchange.modified = modified(headers.get(MODIFIED));
    exchange.attributes = attributes(headers.get(MODE), headers.get(OWNER), directory);
    exchange.id = id(headers);
  }

  static @Nullable DepositId id(HttpHeaders headers) throws DepositException {
    String name = headers.get(ID);
    if (name == null) {
      return null;
    }
    if (!DepositId.isName(name)) {
      throw refused(
          DepositHeaders.ID + " must have 1 to " + DepositId.MAX_LENGTH + " of A-Z a-z 0-9 . _ -",
          null);
    }
    return Lanes.id(name);
  }

  static @Nullable Durability durability(@Nullable String text) throws DepositException {
    if (text == null) {
      return null;
    }
    try {
      return Durability.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw refused(DepositHeaders.DURABILITY + " must be none, write or fsync", e);
    }
  }

  static @Nullable Durability durability(HttpHeaders headers) throws DepositException {
    return durability(headers.get(DURABILITY));
  }

  private static long modified(@Nullable String text) throws DepositException {
    if (text == null) {
      return DepositOptions.NOW;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw refused(DepositHeaders.MODIFIED + " must be milliseconds since the epoch", e);
    }
  }

  private static @Nullable Attributes attributes(
      @Nullable String mode, @Nullable String owner, boolean directory) throws DepositException {
    if (mode == null && owner == null) {
      return null;
    }
    Attributes attributes =
        mode == null ? Attributes.byName(directory) : Attributes.of(mode(mode, directory));
    return owner == null ? attributes : withOwner(attributes, owner);
  }

  private static int mode(String text, boolean directory) throws DepositException {
    int mode;
    try {
      mode = Integer.parseInt(text, 8);
    } catch (NumberFormatException e) {
      throw badMode(e);
    }
    if (mode < 0 || mode > (Attributes.KIND | Attributes.PERMISSIONS)) {
      throw badMode(null);
    }
    if ((mode & Attributes.KIND) != 0) {
      return mode;
    }
    return mode | (directory ? Attributes.DIRECTORY : Attributes.REGULAR);
  }

  private static DepositException badMode(@Nullable Exception cause) {
    return refused(DepositHeaders.MODE + " must be an octal mode, as 100644 or 755", cause);
  }

  private static Attributes withOwner(Attributes attributes, String text) throws DepositException {
    int colon = text.indexOf(':');
    try {
      return attributes.withOwner(
          Integer.parseUnsignedInt(text, 0, Math.max(0, colon), 10),
          Integer.parseUnsignedInt(text, colon + 1, text.length(), 10));
    } catch (NumberFormatException e) {
      throw refused(DepositHeaders.OWNER + " must be UID:GID in digits", e);
    }
  }

  private static DepositException refused(String why, @Nullable Exception cause) {
    return new DepositException(Kind.REFUSED, why, cause);
  }
}
