package io.sheaf.deposit;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * Header blocks of a tar stream (POSIX pax, "ustar Interchange Format"). Read here is only that of
 * a file or a directory which says all that there is to say; the library reads all others.
 *
 * <pre>
 *   0 name      100     124 size     12     257 magic      6, version 2
 * 100 mode        8     136 mtime    12     265 owner's name, group's name
 * 108 uid         8     148 checksum  8     329 device
 * 116 gid         8     156 kind      1     345 prefix    155
 *                       157 link    100
 * </pre>
 */
final class TarHeader {
  static final int BLOCK = 512;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int NAME = 100;
  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_LENGTH = 8;
  private static final int KIND = 156;
  private static final int PREFIX = 345;
  private static final int PREFIX_LENGTH = 155;

  /** Of an archive of star's, whose prefix is shorter. */
  private static final int STAR = 508;

  private static final int NOT_PLAIN = -1;

  private final byte[] b;
  private final int at;

  private TarHeader(byte[] block, int at) {
    this.b = block;
    this.at = at;
  }

  /** Whether it is the mark of the end, which is zeros. */
  static boolean isEnd(ByteBuffer block) {
    for (int i = block.position(); i < block.limit(); i++) {
      if (block.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether it begins what holds for all members that follow. */
  static boolean isGlobal(ByteBuffer block) {
    return block.get(block.position() + KIND) == TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER;
  }

  /** Whether it begins what is to be said of the next member. */
  static boolean isExtended(ByteBuffer block) {
    byte kind = block.get(block.position() + KIND);
    return kind == TarConstants.LF_PAX_EXTENDED_HEADER_LC
        || kind == TarConstants.LF_PAX_EXTENDED_HEADER_UC;
  }

  /** Bytes that follow it; negative when that is not in digits. */
  static long sizeOf(ByteBuffer block) {
    return new TarHeader(block.array(), block.arrayOffset() + block.position()).octal(124, 12);
  }

  /**
   * Reads a header; null when the library has to.
   *
   * @throws IOException when it is none
   */
  static @Nullable TarMember read(ByteBuffer block) throws IOException {
    TarHeader header = new TarHeader(block.array(), block.arrayOffset() + block.position());
    header.check();
    return header.plain();
  }

  private @Nullable TarMember plain() {
    byte kind = b[at + KIND];
    boolean directory = kind == TarConstants.LF_DIR;
    if (!directory && kind != TarConstants.LF_NORMAL && kind != TarConstants.LF_OLDNORM) {
      return null;
    }
    long mode = octal(100, 8);
    long uid = octal(108, 8);
    long gid = octal(116, 8);
    long size = octal(124, 12);
    long modified = octal(136, 12);
    if ((mode | uid | gid | size | modified) < 0 || (directory && size > 0) || isStar()) {
      return null;
    }
    String name = name();
    // In the oldest archives that is a directory, whatever kind it says.
    if (!directory && name.endsWith("/")) {
      return null;
    }
    return new TarMember(name, kind, directory, "", (int) mode, uid, gid, modified * 1_000, size);
  }

  private boolean isStar() {
    return b[at + STAR] == 't' && b[at + STAR + 1] == 'a' && b[at + STAR + 2] == 'r';
  }

  private String name() {
    String name = text(0, NAME);
    // GNU's magic, with a blank instead of the NUL, says that other things lie there.
    boolean posix = text(257, 6).equals("ustar") && b[at + 262] == 0;
    return posix && b[at + PREFIX] != 0 ? text(PREFIX, PREFIX_LENGTH) + "/" + name : name;
  }

  private String text(int from, int length) {
    int n = 0;
    while (n < length && b[at + from + n] != 0) {
      n++;
    }
    return new String(b, at + from, n, StandardCharsets.UTF_8);
  }

  /** Octal digits, which blanks may go before and a blank or a NUL follows; else NOT_PLAIN. */
  private long octal(int from, int length) {
    int i = at + from;
    int end = i + length;
    while (i < end && b[i] == ' ') {
      i++;
    }
    int first = i;
    long value = 0;
    for (; i < end && b[i] >= '0' && b[i] <= '7'; i++) {
      value = value << 3 | (b[i] - '0');
    }
    boolean ends = i == end || b[i] == 0 || b[i] == ' ';
    return i > first && ends ? value : NOT_PLAIN;
  }

  /** The sum of all bytes, its own field taken for blanks. */
  private void check() throws IOException {
    long wanted = octal(CHECKSUM, CHECKSUM_LENGTH);
    if (wanted != sum() && wanted != signedSum()) {
      throw new IOException("a header's checksum does not hold");
    }
  }

  private long sum() {
    long odd = 0;
    long even = 0;
    // Four sums of bytes side by side in each: 64 bytes of at most 255 do not overflow 16 bits.
    for (int i = at; i < at + BLOCK; i += Long.BYTES) {
      long eight = (long) LONGS.get(b, i);
      even += eight & 0x00FF00FF00FF00FFL;
      odd += eight >>> 8 & 0x00FF00FF00FF00FFL;
    }
    long all = lanes(even) + lanes(odd);
    for (int i = at + CHECKSUM; i < at + CHECKSUM + CHECKSUM_LENGTH; i++) {
      all += ' ' - (b[i] & 0xFF);
    }
    return all;
  }

  private static long lanes(long sums) {
    return (sums & 0xFFFF) + (sums >>> 16 & 0xFFFF) + (sums >>> 32 & 0xFFFF) + (sums >>> 48);
  }

  /** As some old programs have it, which took bytes for signed. */
  private long signedSum() {
    long all = CHECKSUM_LENGTH * (long) ' ';
    for (int i = 0; i < BLOCK; i++) {
      all += i >= CHECKSUM && i < CHECKSUM + CHECKSUM_LENGTH ? 0 : b[at + i];
    }
    return all;
  }
}
