package io.sheaf.tree;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The name of an archive as one znode: the first 20 bytes of the SHA-256 of its UTF-8 name, in hex.
 *
 * <p>A name may hold slashes and be longer than a list of children should carry; the key has 40
 * characters always. Its first two digits are the shard under {@code pending}, so that no list of
 * children grows past what {@code jute.maxbuffer} carries.
 */
public record ArchiveKey(String hex) {
  private static final int BYTES = 20;
  private static final String DIGITS = "0123456789abcdef";

  public ArchiveKey {
    if (!isKey(hex)) {
      throw new IllegalArgumentException("not an archive key: " + hex);
    }
  }

  static boolean isKey(String text) {
    return text.length() == 2 * BYTES && text.chars().allMatch(c -> DIGITS.indexOf(c) >= 0);
  }

  public static ArchiveKey of(String archive) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(archive.getBytes(StandardCharsets.UTF_8));
      return new ArchiveKey(HexFormat.of().formatHex(digest, 0, BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The two hex digits under which {@code pending} keeps this archive. */
  public String shard() {
    return hex.substring(0, 2);
  }
}
