package io.sheaf.scavenge;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.scavenge.ArchiveQueue.Result;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ArchiveQueueTest {
  private static final List<String> TWO = List.of("a-1-x", "b-2-y");

  private final Map<String, Integer> pending = new TreeMap<>();
  private final AtomicLong now = new AtomicLong(1_000);
  private final ArchiveQueue queue = new ArchiveQueue("a-1-x", () -> pending, now::get);

  private String ownedBy(String coordinator) {
    return IntStream.range(0, 1000)
        .mapToObj(i -> i + ".zip")
        .filter(a -> Rendezvous.owner(a, TWO).orElseThrow().equals(coordinator))
        .filter(a -> !pending.containsKey(a))
        .findFirst()
        .orElseThrow();
  }

  private void add(String archive) {
    pending.put(archive, 1);
    queue.changed(List.of(archive));
  }

  @Test
  void takesItsOwnFirstAndThenTheOthers() throws InterruptedException {
    queue.coordinators(TWO);
    String other = ownedBy("b-2-y");
    add(other);
    String own = ownedBy("a-1-x");
    add(own);
    assertThat(queue.take()).contains(own);
    now.addAndGet(ArchiveQueue.HEAD_START);
    assertThat(queue.take()).contains(other);
  }

  @Test
  void handsAnArchiveOutOnce() throws InterruptedException {
    add("a.zip");
    add("b.zip");
    Set<String> taken = new HashSet<>();
    taken.add(queue.take().orElseThrow());
    taken.add(queue.take().orElseThrow());
    assertThat(taken).containsExactlyInAnyOrder("a.zip", "b.zip");
  }

  @Test
  void prefersAnotherToOneThatIsClaimedElsewhere() throws InterruptedException {
    add("a.zip");
    assertThat(queue.take()).contains("a.zip");
    queue.done("a.zip", Result.CLAIMED);
    add("b.zip");
    assertThat(queue.take()).contains("b.zip");
    now.addAndGet(TimeUnit.SECONDS.toNanos(2));
    assertThat(queue.take()).contains("a.zip");
  }

  @Test
  void waitsLongerAfterEachFailureAndForgetsThatAfterAMerge() throws InterruptedException {
    add("a.zip");
    for (int i = 1; i <= 3; i++) {
      assertThat(queue.take()).contains("a.zip");
      queue.done("a.zip", Result.FAILED);
      assertThat(queue.failures()).containsEntry("a.zip", i);
      now.addAndGet(TimeUnit.MINUTES.toNanos(2));
    }
    assertThat(queue.take()).contains("a.zip");
    queue.done("a.zip", Result.MERGED);
    assertThat(queue.failures()).isEmpty();
  }

  @Test
  void oneThatIsDeferredComesAgainInTimeOrSoonerWhenItChanges() throws InterruptedException {
    add("a.zip");
    assertThat(queue.take()).contains("a.zip");
    queue.done("a.zip", Result.DEFERRED, Duration.ofMinutes(1));
    add("b.zip");
    assertThat(queue.take()).contains("b.zip");
    queue.done("b.zip", Result.DEFERRED, Duration.ofMinutes(1));
    // A change counts once a second has passed.
    queue.changed(List.of("b.zip"));
    now.addAndGet(ArchiveQueue.LOOK_AGAIN);
    assertThat(queue.take()).contains("b.zip");
    now.addAndGet(TimeUnit.MINUTES.toNanos(1));
    assertThat(queue.take()).contains("a.zip");
  }

  @Test
  void aChangeWhileItIsLookedAtCounts() throws InterruptedException {
    add("a.zip");
    assertThat(queue.take()).contains("a.zip");
    queue.changed(List.of("a.zip"));
    queue.done("a.zip", Result.HELD, Duration.ofHours(1));
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    assertThat(queue.take()).contains("a.zip");
  }

  @Test
  void nothingWaitsOnceThereIsHurry() throws InterruptedException {
    add("a.zip");
    add("b.zip");
    String first = queue.take().orElseThrow();
    queue.done(first, Result.DEFERRED, Duration.ofHours(1));
    String second = queue.take().orElseThrow();
    queue.hurry();
    queue.done(second, Result.DEFERRED, Duration.ofHours(1));
    assertThat(queue.take()).isPresent();
    assertThat(queue.take()).isPresent();
  }

  @Test
  void handsOutNothingWhenClosed() throws InterruptedException {
    add("a.zip");
    queue.close();
    assertThat(queue.take()).isEmpty();
  }

  @Test
  void spreadsArchivesEvenlyAndMovesFewWhenACoordinatorLeaves() {
    List<String> three = List.of("a-1-x", "b-2-y", "c-3-z");
    int moved = 0;
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < 3000; i++) {
      String before = Rendezvous.owner(i + ".zip", three).orElseThrow();
      counts.merge(before, 1, Integer::sum);
      String after = Rendezvous.owner(i + ".zip", TWO).orElseThrow();
      if (!before.equals("c-3-z") && !before.equals(after)) {
        moved++;
      }
    }
    assertThat(moved).isZero();
    assertThat(counts.values()).hasSize(3).allMatch(n -> n > 850 && n < 1150);
  }
}
