package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.conf.Access;
import io.sheaf.conf.Credentials;
import io.sheaf.conf.CredentialsFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session with a closed ensemble of three, which loses servers while deposits go on. */
@Tag("cluster")
class EnsembleIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String[] ROTATION = {"--rotate-interval", "2s"};

  @TempDir Path directory;

  @Test
  void losesAnyOneServerWhileDepositsGoOnAndTellsNoPassword() throws Exception {
    Tools.need("python3");
    try (Ensemble ensemble = Ensemble.start(directory);
        Cluster cluster = new Cluster(directory)) {
      cluster.use(ensemble.servers());
      cluster.everywhere(
          List.of("--credentials", ensemble.file().toString()), Map.of("SHEAF_LOG", "debug"));
      Running coordinator = cluster.coordinator(ROTATION);
      Running second = cluster.coordinator(ROTATION);
      Running worker = cluster.worker(0, ROTATION);
      Running writers =
          cluster.writers(
              0,
              "lossy",
              "--processes",
              "3",
              "--files",
              "1000000",
              "--pause",
              "0.01",
              "--seconds",
              "45");
      eventually("deposits", PATIENCE, () -> cluster.acknowledged() > 300);

      int follower = (ensemble.leader() + 1) % 3;
      ensemble.server(follower).kill();
      moreDeposits(cluster);
      ensemble.restart(follower);
      eventually("it is back", PATIENCE, () -> ensemble.mode(follower).equals("follower"));
      int leader = ensemble.leader();
      ensemble.server(leader).kill();
      moreDeposits(cluster);
      assertThat(ensemble.leader()).isNotEqualTo(leader);

      Secrecy secrecy = secrecy(ensemble.credentials());
      for (Running member : List.of(coordinator, second, worker)) {
        assertThat(member.isAlive()).isTrue();
        secrecy.ofProcess(member.pid());
      }
      assertThat(znodes(ensemble, secrecy)).isGreaterThan(15);
      writers.endsWith(0, PATIENCE);
      cluster.drained();
      cluster.everyAcknowledgedDepositIsThereOnce();
      cluster.verify().endsWith(0, PATIENCE);
      secrecy.ofFiles(directory, Set.of(ensemble.file()));
    }
  }

  private static void moreDeposits(Cluster cluster) throws Exception {
    long before = cluster.acknowledged();
    eventually("deposits go on", PATIENCE, () -> cluster.acknowledged() > before + 300);
  }

  private static Secrecy secrecy(Credentials credentials) {
    List<String> passwords = new ArrayList<>();
    for (Access access : Access.values()) {
      passwords.add(credentials.password(access).reveal());
    }
    passwords.add(credentials.quorum().reveal());
    return new Secrecy(passwords);
  }

  private static int znodes(Ensemble ensemble, Secrecy secrecy) throws Exception {
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper client =
        new ZooKeeper(
            ensemble.servers(),
            10_000,
            event -> {
              if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
              }
            });
    try {
      String login = "admin:" + ensemble.credentials().password(Access.ADMIN).reveal();
      client.addAuthInfo("digest", login.getBytes(StandardCharsets.UTF_8));
      assertThat(connected.await(60, TimeUnit.SECONDS)).isTrue();
      return secrecy.ofZnodes(client, "/");
    } finally {
      client.close();
    }
  }

  /** One with another password is not let in as a peer, and so makes no majority with another. */
  @Test
  void aStrangerIsNoPeer() throws Exception {
    try (Ensemble ensemble = Ensemble.start(directory)) {
      int leader = ensemble.leader();
      int gone = (leader + 1) % 3;
      ensemble.server(gone).kill();
      Path guessed = directory.resolve("guessed.json");
      CredentialsFile.create(guessed, Credentials.random());
      try (Running stranger = ensemble.server(gone, guessed, "stranger")) {
        stranger.prints("listens", PATIENCE);
        ensemble.server((leader + 2) % 3).kill();
        eventually("no majority", PATIENCE, () -> ensemble.mode(leader).isEmpty());
        // It keeps asking to be let in, and is refused again and again.
        ensemble.restart((leader + 2) % 3);
        eventually("the leader is one of ours", PATIENCE, () -> ensemble.leader() != gone);
        assertThat(ensemble.mode(gone)).isEmpty();
      }
    }
  }
}
