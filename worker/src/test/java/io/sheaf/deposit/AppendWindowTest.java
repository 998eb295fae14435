package io.sheaf.deposit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AppendWindowTest {
  @Test
  void itHasWhatWasPutAndNotDropped() {
    long seed = System.nanoTime();
    System.out.println("seed of the window: " + seed);
    Random random = new Random(seed);
    byte[] all = new byte[1 << 20];
    random.nextBytes(all);
    for (int share = 1; share < 5_000; share *= 7) {
      for (int i = 0; i < all.length; i++) {
        all[i] = (byte) (random.nextInt(share) == 0 ? '\n' : 'x');
      }
      AppendWindow window = new AppendWindow(1 << 20);
      int put = 0;
      while (put < all.length) {
        int n = Math.min(random.nextInt(100_000), all.length - put);
        window.put(all, put, n);
        put += n;
        window.drop(window.base() + random.nextInt((int) (put - window.base()) + 1));
        check(window, all, put);
      }
      window.drop(put);
      assertThat(window.isEmpty()).isTrue();
      assertThat(window.bytes()).isEmpty();
    }
  }

  private static void check(AppendWindow window, byte[] all, int put) {
    int base = (int) window.base();
    int line = (int) window.lineStart();
    assertThat(window.bytes()).isEqualTo(Arrays.copyOfRange(all, base, put));
    assertThat(line).isBetween(Math.max(0, base - AppendWindow.PIECE), base);
    for (int i = line; i < base; i++) {
      assertThat(all[i]).isNotEqualTo((byte) '\n');
    }
    if (line < base) {
      assertThat(line == 0 || all[line - 1] == '\n').isTrue();
      ByteBuffer slice = window.slice(line);
      assertThat(slice.get(slice.position())).isEqualTo(all[line]);
    }
  }

  @Test
  void aLineThatIsTooLongIsNotKept() {
    AppendWindow window = new AppendWindow(1 << 20);
    byte[] line = ("a\n" + "x".repeat(100_000)).getBytes(StandardCharsets.US_ASCII);
    window.put(line, 0, line.length);
    window.drop(50_000);
    assertThat(window.lineStart()).isEqualTo(2);
    window.drop(90_000);
    assertThat(window.lineStart()).isEqualTo(90_000);
    assertThat(window.hasRoom(1 << 20)).isFalse();
  }
}
