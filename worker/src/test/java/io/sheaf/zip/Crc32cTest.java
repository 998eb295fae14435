package io.sheaf.zip;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class Crc32cTest {
  @Property(tries = 500)
  void combinesWhatAnywhereWasCut(
      @ForAll @Size(max = 300) byte[] bytes, @ForAll @IntRange(max = 300) int somewhere) {
    int cut = Math.min(somewhere, bytes.length);
    int first = Crc32c.of(ByteBuffer.wrap(bytes, 0, cut));
    int second = Crc32c.of(ByteBuffer.wrap(bytes, cut, bytes.length - cut));
    CRC32C whole = new CRC32C();
    whole.update(bytes);
    assertThat(Crc32c.combine(first, second, bytes.length - cut)).isEqualTo((int) whole.getValue());
  }

  /** Lengths that nobody sums twice: three parts give one sum, in whichever order they are put. */
  @Property(tries = 500)
  void isAssociativeForAnyLength(
      @ForAll int a,
      @ForAll int b,
      @ForAll int c,
      @ForAll @IntRange int lengthOfB,
      @ForAll @IntRange int lengthOfC) {
    long second = (long) lengthOfB << 8;
    long third = (long) lengthOfC << 8;
    assertThat(Crc32c.combine(Crc32c.combine(a, b, second), c, third))
        .isEqualTo(Crc32c.combine(a, Crc32c.combine(b, c, third), second + third));
  }
}
