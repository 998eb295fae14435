package io.sheaf.zip;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4) of a whole from that of its parts.
 *
 * <p>Appending zeros to a message is a linear map over GF(2), so the checksum of two parts follows
 * from their checksums and the length of the second, without the bytes. The method is that of Mark
 * Adler's crc32_combine in zlib, by powers of x modulo the polynomial.
 */
public final class Crc32c {
  /** The polynomial, bits reversed. */
  private static final int POLYNOMIAL = 0x82F63B78;

  /** x to the power of 2^n, modulo the polynomial. */
  private static final int[] POWERS = powers();

  private Crc32c() {}

  public static int of(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  /** The checksum of two parts, one after the other. */
  public static int combine(int first, int second, long secondLength) {
    return multiply(powerOfX(8 * secondLength), first) ^ second;
  }

  private static int powerOfX(long exponent) {
    int product = 1 << 31;
    for (int n = 0; exponent != 0; n++, exponent >>>= 1) {
      if ((exponent & 1) != 0) {
        product = multiply(POWERS[n], product);
      }
    }
    return product;
  }

  /** The product of two polynomials of degree below 32, bits reversed: bit 31 is x to the 0. */
  private static int multiply(int a, int b) {
    int product = 0;
    for (int bit = 1 << 31; bit != 0; bit >>>= 1) {
      if ((a & bit) != 0) {
        product ^= b;
      }
      b = (b & 1) != 0 ? (b >>> 1) ^ POLYNOMIAL : b >>> 1;
    }
    return product;
  }

  private static int[] powers() {
    int[] powers = new int[Long.SIZE];
    powers[0] = 1 << 30;
    for (int n = 1; n < powers.length; n++) {
      powers[n] = multiply(powers[n - 1], powers[n - 1]);
    }
    return powers;
  }
}
