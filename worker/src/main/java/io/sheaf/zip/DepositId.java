package io.sheaf.zip;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;

/**
 * Names a deposit, so that an entry which was deposited twice is known to be one: the first 16
 * bytes of a SHA-256, so that each costs the same whatever its client called it. Two deposits of
 * one entry name and one id are one deposit, sent again.
 *
 * @param high the first eight bytes, big-endian
 * @param low the other eight
 */
public record DepositId(long high, long low) {
  /** The longest name that a client may give. */
  public static final int MAX_LENGTH = 64;

  /** The id for the name that a client gave. */
  public static DepositId of(String name) {
    return hash(name.getBytes(StandardCharsets.UTF_8));
  }

  /** The id of one of many entries that came as one deposit, by their number. */
  public DepositId member(long number) {
    return hash(
        ByteBuffer.allocate(3 * Long.BYTES).putLong(high).putLong(low).putLong(number).array());
  }

  /** Whether a client may name a deposit so: 1 to 64 of {@code A-Z a-z 0-9 . _ -}. */
  public static boolean isName(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!plain && "._-".indexOf(c) < 0) {
        return false;
      }
    }
    return !name.isEmpty() && name.length() <= MAX_LENGTH;
  }

  private static DepositId hash(byte[] bytes) {
    try {
      ByteBuffer digest = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes));
      return new DepositId(digest.getLong(), digest.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** What stands beside the id in a header, see {@link ZipFormat#EXTRA_ID}. */
  int sum() {
    CRC32C sum = new CRC32C();
    sum.update(ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).flip());
    return (int) sum.getValue();
  }
}
