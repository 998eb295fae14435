package io.sheaf.tree;

import static io.sheaf.tree.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PendingIndexTest extends ZooKeeperTestCase {
  private Tree tree;
  private Tree publisher;

  @BeforeEach
  void createSession() {
    tree = connect();
    publisher = connect();
    tree.createOrJoin(session("s"));
  }

  @Test
  void followsWhatIsPublishedAndConsumed() {
    publisher.publish("s", batch("before.zip", "w", 1));
    Set<String> told = new ConcurrentSkipListSet<>();
    try (PendingIndex index = tree.watchPending("s")) {
      index.onChange(told::addAll);
      eventually("the first reading", () -> index.isCurrent() && index.batches() == 1);
      eventually("told", () -> told.contains("before.zip"));
      publisher.publish("s", batch("after.zip", "w", 1));
      publisher.publish("s", batch("after.zip", "v", 1));
      eventually("three", () -> index.batches() == 3 && index.archives().size() == 2);
      eventually("told of it", () -> told.contains("after.zip"));
      assertThat(index.archive("after.zip"))
          .contains(new PendingArchive("after.zip", ArchiveKey.of("after.zip"), 2));
      told.clear();
      publisher.consumed("s", "before.zip", "w", 1);
      eventually("consumed", () -> index.archive("before.zip").isEmpty());
      eventually("told of that", () -> told.contains("before.zip"));
    }
  }

  @Test
  void seesWhatHappenedWhileItWasDisconnected() throws Exception {
    publisher.publish("s", batch("consumed.zip", "w", 1));
    try (PendingIndex index = tree.watchPending("s")) {
      eventually("the first reading", () -> index.archives().size() == 1);
      tree.client().getZookeeperClient().getZooKeeper().getTestable().closeSocket();
      publisher.publish("s", batch("published.zip", "w", 1));
      publisher.consumed("s", "consumed.zip", "w", 1);
      eventually("published", () -> index.archive("published.zip").isPresent());
      eventually("consumed", () -> index.archive("consumed.zip").isEmpty());
    }
  }

  @Test
  void readsAnewAfterARestartAndUnderANewSession() throws Exception {
    try (PendingIndex index = tree.watchPending("s")) {
      eventually("the first reading", index::isCurrent);
      server.stop();
      eventually("not current", () -> !index.isCurrent());
      server.restart();
      eventually("the publisher is back", publisher::isConnected);
      publisher.publish("s", batch("a.zip", "w", 1));
      eventually("a.zip", () -> index.isCurrent() && index.archive("a.zip").isPresent());
      expire(tree);
      publisher.publish("s", batch("b.zip", "w", 1));
      eventually("b.zip", () -> index.isCurrent() && index.archive("b.zip").isPresent());
      assertThat(index.batches()).isEqualTo(2);
    }
  }
}
