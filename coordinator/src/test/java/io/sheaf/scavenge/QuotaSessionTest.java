package io.sheaf.scavenge;

import static io.sheaf.scavenge.Cluster.SESSION;
import static io.sheaf.scavenge.Cluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Quota;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.Owners;
import io.sheaf.deposit.SocketDepositor;
import io.sheaf.session.SessionStatus;
import io.sheaf.tree.UsageRecord;
import io.sheaf.worker.WorkerDaemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One quota over all workers of a session, and after they have left. */
@Timeout(120)
class QuotaSessionTest {
  private static final String USER = Quota.user(Owners.self());

  @TempDir Path root;

  private WorkerDaemon worker(Cluster cluster, int n) throws IOException {
    Settings settings =
        cluster
            .settings()
            .option(Keys.SOCKET, root.resolve("s/" + n).toString())
            .option(Keys.MAX_ENTRIES, "10")
            .build();
    return WorkerDaemon.start(settings, cluster.disk, cluster.tree, Clock.systemUTC());
  }

  private static void put(SocketDepositor to, int n) throws IOException {
    to.deposit("a.zip/" + n, new byte[100], DepositOptions.DEFAULT);
  }

  private static long used(Cluster cluster) {
    return cluster
        .tree
        .usage(SESSION)
        .map(usage -> usage.used().getOrDefault(UsageRecord.entries(USER), 0L))
        .orElse(0L);
  }

  @Test
  void holdsForAllWorkersTogetherAndForTheNext() throws Exception {
    try (Cluster cluster = new Cluster(Files.createDirectories(root.resolve("base")))) {
      try (WorkerDaemon one = worker(cluster, 1);
          WorkerDaemon two = worker(cluster, 2);
          SocketDepositor first = SocketDepositor.connect(one.socket());
          SocketDepositor second = SocketDepositor.connect(two.socket())) {
        CoordinatorDaemon coordinator = cluster.coordinator();
        assertThat(coordinator.id()).isNotEmpty();
        for (int i = 0; i < 4; i++) {
          put(first, i);
          put(second, 10 + i);
        }
        eventually("the leader has summed it up", () -> used(cluster) == 8);
        SessionStatus status = SessionStatus.read(cluster.disk, cluster.tree, SESSION);
        assertThat(status.quotas())
            .extracting(Object::toString)
            .containsExactly(
                "QuotaStatus[subject="
                    + USER
                    + ", bytes=800, maxBytes=0, entries=8, maxEntries=10]");
        put(first, 4);
        put(first, 5);
        eventually("the other worker knows", () -> used(cluster) == 10 && isFull(second));
        assertThat(isFull(first)).isTrue();
      }
      eventually("what those that left had told counts", () -> used(cluster) >= 10);
      try (WorkerDaemon next = worker(cluster, 3);
          SocketDepositor to = SocketDepositor.connect(next.socket())) {
        assertThatThrownBy(() -> put(to, 99)).hasMessageContaining("quota of " + USER);
      }
    }
  }

  private static boolean isFull(SocketDepositor to) throws IOException {
    try {
      put(to, 50);
      return false;
    } catch (DepositException e) {
      return e.kind() == Kind.NO_SPACE;
    }
  }
}
