package io.sheaf.tree;

import static io.sheaf.tree.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BatchesTest extends ZooKeeperTestCase {
  private Tree tree;

  @BeforeEach
  void createSession() {
    tree = connect();
    tree.createOrJoin(session("s"));
  }

  @Test
  void publishesOnceAndConsumesOnce() {
    PendingBatch batch = batch("b/c d.zip", "w-1-x", 1);
    tree.publish("s", batch);
    tree.publish("s", batch);
    tree.publish("s", batch("b/c d.zip", "w-1-x", 10));
    tree.publish("s", batch("b/c d.zip", "w-1-x", 9));
    tree.publish("s", batch("a.zip", "w-1-x", 1));
    assertThat(tree.pendingArchives("s")).containsExactly("a.zip", "b/c d.zip");
    assertThat(tree.pending("s", ArchiveKey.of("b/c d.zip")))
        .extracting(found -> found.manifest().seq())
        .containsExactly(1L, 9L, 10L);
    assertThat(tree.pending("s", ArchiveKey.of("b/c d.zip"))).contains(batch);
    tree.consumed("s", "a.zip", "w-1-x", 1);
    tree.consumed("s", "a.zip", "w-1-x", 1);
    assertThat(tree.pendingArchives("s")).containsExactly("b/c d.zip");
    assertThat(tree.pending("s", ArchiveKey.of("a.zip"))).isEmpty();
    assertThat(tree.pending("s", ArchiveKey.of("never.zip"))).isEmpty();
  }

  @Test
  void publishesManyAtOnce() {
    List<PendingBatch> batches =
        IntStream.range(0, 700)
            .mapToObj(i -> batch("d/a" + i % 350 + ".zip", "w-1-x", 1 + i / 350))
            .toList();
    tree.publish("s", batches.get(3));
    assertThat(tree.unpublished("s", batches)).hasSize(699).doesNotContain(batches.get(3));
    tree.publishAll("s", batches);
    assertThat(tree.unpublished("s", batches)).isEmpty();
    tree.publishAll("s", batches);
    assertThat(tree.pendingArchives("s")).hasSize(350);
    assertThat(tree.pending("s", ArchiveKey.of("d/a3.zip")))
        .containsExactly(batches.get(3), batches.get(353));
    assertThatExceptionOfType(NoSuchSessionException.class)
        .isThrownBy(() -> tree.publishAll("never", batches));
  }

  @Test
  void publishesEachBatchOnceWhileTheServerComesAndGoes() throws Exception {
    int batches = 600;
    AtomicInteger published = new AtomicInteger();
    CompletableFuture<Void> publisher =
        CompletableFuture.runAsync(
            () -> {
              for (int seq = 1; seq <= batches; seq++) {
                publishUntilDone(batch("a" + seq % 7 + ".zip", "w", seq));
                published.set(seq);
              }
            },
            task -> new Thread(task).start());
    for (int restart = 1; restart <= 3; restart++) {
      int reached = 100 * restart;
      eventually("some batches", () -> published.get() >= reached || publisher.isDone());
      server.restart();
    }
    publisher.join();
    List<Long> seqs = new ArrayList<>();
    for (String archive : tree.pendingArchives("s")) {
      tree.pending("s", ArchiveKey.of(archive)).forEach(b -> seqs.add(b.manifest().seq()));
    }
    assertThat(seqs)
        .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, batches).boxed().toList());
  }

  private void publishUntilDone(PendingBatch batch) {
    while (true) {
      try {
        tree.publish("s", batch);
        return;
      } catch (TreeUnreachableException e) {
        eventually("the server's return", tree::isConnected);
      }
    }
  }

  @Test
  void doesNotPublishIntoWhatALatchLeftOfASession() throws Exception {
    tree.client().create().forPath("/sheaf/sessions/ghost", new byte[0]);
    assertThatExceptionOfType(NoSuchSessionException.class)
        .isThrownBy(() -> tree.publish("ghost", batch("a.zip", "w", 1)));
  }

  @Test
  void failsAtOnceWhileTheSessionIsLost() throws Exception {
    server.stop();
    AtomicLong failures = new AtomicLong();
    tree.onConnection(
        change -> {
          if (change == ConnectionChange.LOST) {
            failures.incrementAndGet();
          }
        });
    eventually("lost", () -> failures.get() == 1);
    assertThatExceptionOfType(TreeUnreachableException.class)
        .isThrownBy(() -> tree.publish("s", batch("a.zip", "w", 1)))
        .withMessageContaining(server.getConnectString());
  }

  @Test
  void listsMoreBatchesThanOneListOfChildrenCarries() {
    int workers = 4;
    int archives = 90;
    int each = 90;
    List<Tree> clients = IntStream.range(0, workers).mapToObj(i -> connect()).toList();
    List<CompletableFuture<Void>> publishing =
        IntStream.range(0, workers)
            .mapToObj(
                w ->
                    CompletableFuture.runAsync(
                        () -> publishAll(clients.get(w), "worker-" + w, archives, each),
                        task -> new Thread(task).start()))
            .toList();
    PendingIndex index = connect().watchPending("s");
    publishing.forEach(CompletableFuture::join);
    assertThat(tree.pendingArchives("s")).hasSize(archives);
    assertThat(tree.pending("s", ArchiveKey.of("archive-7.zip"))).hasSize(workers * each);
    eventually("the index has all", () -> index.batches() == (long) workers * archives * each);
    try (PendingIndex late = tree.watchPending("s")) {
      eventually("a late index", () -> late.isCurrent() && late.archives().size() == archives);
      assertThat(late.batches()).isEqualTo((long) workers * archives * each);
    }
    index.close();
    tree.deleteSession("s");
    assertThat(tree.sessions()).isEmpty();
  }

  private static void publishAll(Tree client, String worker, int archives, int each) {
    for (int seq = 1; seq <= each; seq++) {
      for (int archive = 0; archive < archives; archive++) {
        client.publish("s", batch("archive-" + archive + ".zip", worker, seq));
      }
    }
  }

  @Test
  void notesWhatIsInQuarantineOnce() {
    FailedBatch note = new FailedBatch(1, "a.zip", "w-1", "crc", ".sheaf/quarantine/a/1", "c", 5);
    tree.reportFailed("s", note);
    tree.reportFailed("s", new FailedBatch(1, "a.zip", "w-1", "x", note.path(), "d", 6));
    tree.reportFailed("s", new FailedBatch(1, "a.zip", "w-2", "crc", "other", "c", 5));
    assertThat(tree.failed("s")).hasSize(2).contains(note);
  }

  @Test
  void refusesWhatNoZnodeCanHold() {
    PendingBatch large = batch("x".repeat(1_100_000) + ".zip", "w", 1);
    assertThatExceptionOfType(TreeException.class)
        .isThrownBy(() -> tree.publish("s", large))
        .withMessageContaining("more than a znode can hold");
  }
}
