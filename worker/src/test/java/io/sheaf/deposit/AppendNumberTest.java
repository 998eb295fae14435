package io.sheaf.deposit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AppendNumberTest {
  /** Whatever the lines are, no worker has made so many segments as the next number says. */
  /** Each worker dies at some byte, and the next gets what was not told to be safe again. */
  @Test
  void itIsBeyondAllSegmentsOfAllWorkers() {
    long seed = System.nanoTime();
    System.out.println("seed of the lines: " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      int rule = 1 + random.nextInt(50);
      byte[] log = new byte[1 + random.nextInt(2_000)];
      int share = 1 + random.nextInt(60);
      for (int i = 0; i < log.length; i++) {
        log[i] = (byte) (random.nextInt(share) == 0 ? '\n' : 'x');
      }
      AppendNumber numbers = new AppendNumber(SegmentRule.parse("" + rule));
      long first = 0;
      int from = 0;
      int written = 0;
      for (int worker = 0; worker < 5; worker++) {
        written += random.nextInt(log.length - written + 1);
        int segments = segments(Arrays.copyOfRange(log, from, written), rule);
        from += random.nextInt(written - from + 1);
        long next = numbers.next(from, written);
        assertThat(next).as("segments of %d", rule).isGreaterThanOrEqualTo(first + segments);
        first = next;
      }
    }
  }

  /** As LogStream cuts: at the length, after the last line feed. */
  private static int segments(byte[] log, int rule) {
    int count = 0;
    for (int start = 0; start < log.length; count++) {
      int end = Math.min(log.length, start + rule);
      if (end - start == rule) {
        int feed = end;
        while (feed > start && log[feed - 1] != '\n') {
          feed--;
        }
        end = feed > start ? feed : end;
      }
      start = end;
    }
    return count;
  }

  @Test
  void itGrowsWithAgeAndWithEachConnection() {
    AppendNumber none = new AppendNumber(SegmentRule.NONE, 0);
    assertThat(none.next(0, 1_000_000, 1_000_000)).isEqualTo(1);
    assertThat(none.next(0, 1_000_000, 1_000_000)).isEqualTo(2);
    AppendNumber minutes = new AppendNumber(SegmentRule.parse("1m"), 0);
    assertThat(minutes.next(0, 0, 600_000)).isGreaterThanOrEqualTo(11);
    AppendNumber bytes = new AppendNumber(SegmentRule.parse("1"), 0);
    assertThat(bytes.next(0, Long.MAX_VALUE / 4, 0)).isEqualTo(1_000_000_000);
  }
}
