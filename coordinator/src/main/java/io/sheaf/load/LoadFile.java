package io.sheaf.load;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file to deposit.
 *
 * @param contents all that is in the buffer; nobody changes it or its position
 * @param streamed whether it is sent without its length
 */
record LoadFile(String archive, String entry, ByteBuffer contents, boolean streamed) {
  String target() {
    return archive + "/" + entry;
  }

  int size() {
    return contents.remaining();
  }

  /** What an account says of it: archive, entry, size and SHA-256, with tabs between. */
  String description() {
    return archive + "\t" + entry + "\t" + size() + "\t" + sha256();
  }

  private String sha256() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(contents.duplicate());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
