package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.TreeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The queue of what is to be published. */
@Timeout(60)
final class PublisherTest {
  private static PendingBatch batch(long seq) {
    Manifest manifest =
        new Manifest(2, "id" + seq, "s", "w", seq, "a.zip", 1, 1, 1, 0, 0, 0, 0, null, null);
    return new PendingBatch(1, "path", 1, manifest);
  }

  @Test
  void publishesEachOnceInOrderWhenItCanAgain() throws InterruptedException {
    AtomicBoolean away = new AtomicBoolean(true);
    AtomicInteger attempts = new AtomicInteger();
    List<Long> published = new CopyOnWriteArrayList<>();
    try (Publisher publisher =
        new Publisher(
            batches -> {
              attempts.incrementAndGet();
              if (away.get()) {
                throw new TreeException("ZooKeeper is away", null);
              }
              batches.forEach(batch -> published.add(batch.manifest().seq()));
            })) {
      for (long seq = 1; seq <= 100; seq++) {
        publisher.offer(batch(seq));
      }
      assertThat(publisher.awaitEmpty(Duration.ofMillis(1))).isFalse();
      io.sheaf.deposit.LanesFixture.eventually(
          "an attempt fails", () -> publisher.failure().equals("ZooKeeper is away"));
      assertThat(publisher.waiting()).isEqualTo(100);
      away.set(false);
      publisher.wake();
      assertThat(publisher.awaitEmpty(Duration.ofSeconds(50))).isTrue();
      assertThat(published).hasSize(100).isSorted().doesNotHaveDuplicates();
      assertThat(publisher.failure()).isEmpty();
      assertThat(publisher.count()).isEqualTo(100);
    }
  }

  @Test
  void goesOnAfterAnErrorThatNobodyThoughtOf() throws InterruptedException {
    AtomicInteger attempts = new AtomicInteger();
    AtomicInteger count = new AtomicInteger();
    try (Publisher publisher =
        new Publisher(
            batches -> {
              count.addAndGet(batches.size());
              if (attempts.incrementAndGet() == 1) {
                throw new IllegalStateException("a mistake");
              }
            })) {
      publisher.offer(batch(1));
      publisher.offer(batch(2));
      assertThat(publisher.awaitEmpty(Duration.ofSeconds(50))).isTrue();
      assertThat(count.get()).isGreaterThan(2);
      assertThat(attempts.get()).isBetween(2, 3);
      assertThat(publisher.count()).isEqualTo(2);
    }
  }
}
