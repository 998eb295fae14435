package io.sheaf.deposit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AppendNumberTest {
  /** Whatever the lines are, no worker has made so many segments as the next number says. */
  @Test
  void itIsBeyondAllSegments() {
    long seed = System.nanoTime();
    System.out.println("seed of the lines: " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      int rule = 1 + random.nextInt(50);
      byte[] log = new byte[random.nextInt(2_000)];
      int share = 1 + random.nextInt(60);
      for (int i = 0; i < log.length; i++) {
        log[i] = (byte) (random.nextInt(share) == 0 ? '\n' : 'x');
      }
      long number = new AppendNumber(SegmentRule.parse("" + rule)).next(log.length, 0);
      assertThat(number).as("segments of %d", rule).isGreaterThanOrEqualTo(segments(log, rule));
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
    AppendNumber none = new AppendNumber(SegmentRule.NONE);
    assertThat(none.next(1_000_000, 1_000_000)).isEqualTo(1);
    assertThat(none.next(0, 0)).isEqualTo(2);
    AppendNumber minutes = new AppendNumber(SegmentRule.parse("1m"));
    assertThat(minutes.next(0, 600_000)).isGreaterThanOrEqualTo(11);
    assertThat(new AppendNumber(SegmentRule.parse("1")).next(Long.MAX_VALUE / 4, 0))
        .isEqualTo(1_000_000_000);
  }
}
