package io.sheaf.logback;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LineBufferTest {
  private static final int LINE = 52; // "ab\n" and a digit, with what it takes besides.

  private static byte[] line(int n) {
    return ("ab" + n + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static String text(List<byte[]> lines) {
    StringBuilder all = new StringBuilder();
    lines.forEach(each -> all.append(new String(each, StandardCharsets.UTF_8)));
    return all.toString();
  }

  @Test
  void dropsTheOldestThatWereNotSentAndSaysSo() throws InterruptedException {
    LineBuffer buffer = new LineBuffer(3 * LINE, Overflow.DROP);
    assertThat(buffer.add(line(1))).isTrue();
    assertThat(text(buffer.take(1, 0))).isEqualTo("ab1\n");
    for (int i = 2; i < 6; i++) {
      assertThat(buffer.add(line(i))).isTrue();
    }
    assertThat(buffer.dropped()).isEqualTo(2);
    assertThat(text(buffer.take(1_000, 0)))
        .isEqualTo("[sheaf: 2 log events were dropped here]\nab4\nab5\n");
    assertThat(buffer.add(line(6))).as("all is sent").isFalse();
    assertThat(buffer.safe(4)).isEqualTo(4);
    assertThat(buffer.dropped()).isEqualTo(3);
  }

  /** What says so may have to be sent again, and then be in the way itself. */
  @Test
  void neverForgetsHowManyWereDropped() throws InterruptedException {
    LineBuffer buffer = new LineBuffer(2 * LINE, Overflow.DROP);
    for (int i = 0; i < 4; i++) {
      assertThat(buffer.add(line(i))).isTrue();
    }
    assertThat(buffer.take(1, 0)).hasSize(2);
    buffer.sendAgain();
    assertThat(buffer.add(line(4))).isTrue();
    long dropped = buffer.dropped();
    assertThat(text(buffer.take(1_000, 0)))
        .startsWith("[sheaf: " + dropped + " log events were dropped here]")
        .endsWith("ab4\n");
  }

  @Test
  void refusesTheNewest() throws InterruptedException {
    LineBuffer buffer = new LineBuffer(2 * LINE, Overflow.RAISE);
    assertThat(buffer.add(line(1))).isTrue();
    assertThat(buffer.add(line(2))).isTrue();
    assertThat(buffer.add(line(3))).isFalse();
    assertThat(text(buffer.take(1_000, 0))).isEqualTo("ab1\nab2\n");
  }

  @Test
  void blocksUntilThereIsRoom() throws Exception {
    LineBuffer buffer = new LineBuffer(2 * LINE, Overflow.BLOCK);
    assertThat(buffer.add(line(1))).isTrue();
    assertThat(buffer.add(line(2))).isTrue();
    CompletableFuture<Boolean> third = new CompletableFuture<>();
    Thread adding = new Thread(() -> add(buffer, third));
    adding.start();
    while (adding.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(third).isNotDone();
    assertThat(buffer.take(1, 0)).hasSize(1);
    assertThat(buffer.safe(3)).as("half of the first").isZero();
    assertThat(buffer.safe(4)).isEqualTo(4);
    assertThat(third.get()).isTrue();
  }

  private static void add(LineBuffer buffer, CompletableFuture<Boolean> taken) {
    try {
      taken.complete(buffer.add(line(3)));
    } catch (InterruptedException e) {
      taken.completeExceptionally(e);
    }
  }

  @Test
  void sendsAgainInOrderWhatIsNotSafe() throws InterruptedException {
    LineBuffer buffer = new LineBuffer(1_000, Overflow.DROP);
    for (int i = 0; i < 4; i++) {
      assertThat(buffer.add(line(i))).isTrue();
    }
    assertThat(text(buffer.take(9, 0))).isEqualTo("ab0\nab1\nab2\n");
    assertThat(buffer.safe(5)).isEqualTo(4);
    buffer.sendAgain();
    assertThat(text(buffer.take(1_000, 0))).isEqualTo("ab1\nab2\nab3\n");
    buffer.allSafe();
    assertThat(buffer.isEmpty()).isTrue();
  }

  @Test
  void takesOneEventThatIsLargerThanAllOfIt() throws InterruptedException {
    LineBuffer buffer = new LineBuffer(1, Overflow.BLOCK);
    assertThat(buffer.add(line(1))).isTrue();
  }
}
