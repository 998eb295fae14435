package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.sheaf.deposit.MemoryBudget;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A body that one thread brings and another reads. */
@Timeout(60)
final class BodyPipeTest {
  private final MemoryBudget memory = new MemoryBudget(1 << 20);
  private final AtomicInteger relieved = new AtomicInteger();
  private final BodyPipe pipe = new BodyPipe(memory, relieved::incrementAndGet, () -> {});

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void readsWhatWasBroughtInPiecesOfAnyLength() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] body = bytes(random, 3 << 20);
    CompletableFuture<Void> bringing =
        CompletableFuture.runAsync(
            () -> {
              for (int at = 0; at < body.length; ) {
                int n = Math.min(body.length - at, 1 + random.nextInt(200_000));
                pipe.offer(Unpooled.copiedBuffer(body, at, n));
                at += n;
              }
              pipe.complete();
            });
    assertThat(pipe.readAllBytes()).as("seed %d", seed).isEqualTo(body);
    bringing.join();
    assertThat(memory.used()).isZero();
    assertThat(pipe.queued()).isZero();
  }

  /** Who brings it stops until it is told to go on, so the reader must not wait for more. */
  @Test
  void takesLittleWhereNoMoreComesBeforeAndTellsOnce() throws Exception {
    byte[] read = new byte[10];
    pipe.offer(Unpooled.copiedBuffer(new byte[] {1, 2, 3}));
    assertThat(pipe.isBehind(1)).isTrue();
    assertThat(pipe.read(read, 0, 2)).isEqualTo(2);
    assertThat(relieved).hasValue(1);
    assertThat(pipe.read(read, 0, 10)).isEqualTo(1);
    assertThat(relieved).as("nobody waits any more").hasValue(1);
    assertThat(pipe.isBehind(1)).isFalse();
  }

  @Test
  void failsForTheReaderWhenItIsCutOffAndKeepsNothing() throws Exception {
    pipe.offer(Unpooled.copiedBuffer(new byte[5]));
    pipe.abort();
    assertThatThrownBy(() -> pipe.read(new byte[5], 0, 5)).isInstanceOf(IOException.class);
    pipe.close();
    pipe.offer(Unpooled.copiedBuffer(new byte[5]));
    assertThat(memory.used()).isZero();
    assertThat(pipe.isFailed()).isTrue();
  }
}
