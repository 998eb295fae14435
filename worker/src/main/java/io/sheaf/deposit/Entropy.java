package io.sheaf.deposit;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * Random bits that no other process has got, from the kernel (random(4)). The JDK's own source
 * looks for its providers first, which takes longer than a small deposit.
 */
final class Entropy {
  private Entropy() {}

  static long bits() {
    try (InputStream in = new FileInputStream("/dev/urandom")) {
      byte[] bytes = in.readNBytes(Long.BYTES);
      if (bytes.length == Long.BYTES) {
        return ByteBuffer.wrap(bytes).getLong();
      }
    } catch (IOException e) {
      // A container may have no such device.
    }
    return new SecureRandom().nextLong();
  }
}
