package io.sheaf.deposit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a tar stream, with the names of the members that are in it as a whole. Those who need
 * them hold the block; when the last one lets go it can be used again. One thread adds and looks,
 * any may let go.
 */
final class TarBlock {
  /** Of those that are used again. */
  static final int BYTES = 256 << 10;

  /** Numbers that a member has in {@link #places}: of its contents, then of its name. */
  private static final int NUMBERS = 4;

  final byte[] bytes;
  private final @Nullable SpareBlocks spare;
  private final AtomicInteger holders = new AtomicInteger();
  private int[] places = new int[0];
  private byte[] names = new byte[0];
  private int members;
  private int namesEnd;

  /** Held by nobody yet. */
  TarBlock(byte[] bytes, @Nullable SpareBlocks spare) {
    this.bytes = bytes;
    this.spare = spare;
  }

  TarBlock hold() {
    holders.incrementAndGet();
    return this;
  }

  void letGo() {
    if (holders.decrementAndGet() == 0) {
      members = 0;
      namesEnd = 0;
      if (spare != null) {
        spare.give(this);
      }
    }
  }

  /** Adds a member, whose contents are in the block. */
  void add(String name, int from, int length) {
    byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
    int at = NUMBERS * members;
    if (at == places.length) {
      places = Arrays.copyOf(places, Math.max(64, 2 * at));
    }
    if (names.length - namesEnd < encoded.length) {
      names = Arrays.copyOf(names, Math.max(1024, 2 * (namesEnd + encoded.length)));
    }
    System.arraycopy(encoded, 0, names, namesEnd, encoded.length);
    places[at] = from;
    places[at + 1] = length;
    places[at + 2] = namesEnd;
    places[at + 3] = encoded.length;
    namesEnd += encoded.length;
    members++;
  }

  int members() {
    return members;
  }

  String name(int member) {
    int at = NUMBERS * member + 2;
    return new String(names, places[at], places[at + 1], StandardCharsets.UTF_8);
  }

  ByteBuffer contents(int member) {
    int at = NUMBERS * member;
    return ByteBuffer.wrap(bytes, places[at], places[at + 1]);
  }
}
