package io.sheaf.scavenge;

import static io.sheaf.scavenge.Cluster.SESSION;
import static io.sheaf.scavenge.Cluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sheaf.batch.BaseWatch;
import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.ClaimLostException;
import io.sheaf.tree.LockSupport;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.Role;
import io.sheaf.tree.TreeClaim;
import io.sheaf.worker.MemberLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DeathsTest {
  private static final String OTHER = "node-1-aaaaaa";

  @TempDir Path root;
  private Cluster cluster;
  private final AtomicLong now = new AtomicLong();
  private final AtomicInteger settled = new AtomicInteger();
  private volatile LockSupport locks = LockSupport.WORK;
  private Deaths deaths;

  @BeforeEach
  void start() throws Exception {
    cluster = new Cluster(root);
    Coordination in =
        new Coordination(
            cluster.tree,
            cluster.disk,
            cluster.base,
            new BaseWatch(cluster.disk, cluster.base),
            SESSION,
            1,
            "node-2-bbbbbb",
            Clock.systemUTC(),
            now::get);
    deaths = new Deaths(in, () -> locks);
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private boolean settled(String id) throws Exception {
    return deaths.settled(id, "what it had", settled::incrementAndGet);
  }

  /** As after SIGKILL: the file is there, its lock is free. */
  private void dead() throws Exception {
    Files.createDirectories(cluster.base.members());
    Files.writeString(cluster.base.member(OTHER), "{}");
  }

  @Test
  void whoeverHoldsItsLockIsAliveAndIsNotTroubledForASecond() throws Exception {
    try (MemberLock lock = MemberLock.take(cluster.disk, cluster.base, OTHER, SESSION)) {
      assertThat(lock).isNotNull();
      assertThat(settled(OTHER)).isFalse();
    }
    dead();
    assertThat(settled(OTHER)).isFalse();
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(settled(OTHER)).isTrue();
    assertThat(settled(OTHER)).isTrue(); // It may have left more.
    assertThat(settled).hasValue(2);
  }

  @Test
  void nobodyIsDeadWhoHasNoFileOrWhereLocksAreWorthNothing() throws Exception {
    assertThat(settled(OTHER)).isFalse();
    dead();
    for (LockSupport other : LockSupport.values()) {
      locks = other;
      assertThat(settled(OTHER)).isEqualTo(other == LockSupport.WORK);
    }
    assertThat(settled("node-2-bbbbbb")).isFalse();
  }

  /** Before it is known what locks are worth: between these two they are worth something. */
  @Test
  void oneThatWasSeenToHoldItsLockIsDeadWhenItDoesNot() throws Exception {
    locks = LockSupport.UNKNOWN;
    dead();
    assertThat(settled(OTHER)).isFalse();
    Files.delete(cluster.base.member(OTHER));
    try (MemberLock lock = MemberLock.take(cluster.disk, cluster.base, OTHER, SESSION)) {
      assertThat(lock).isNotNull();
      assertThat(settled(OTHER)).isFalse();
    }
    dead();
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(settled(OTHER)).isTrue();
    locks = LockSupport.NONE;
    assertThat(settled(OTHER)).isFalse();
  }

  /** Its ZooKeeper session goes on here, so nothing else could free the claim. */
  @Test
  void theClaimOfACoordinatorThatDiedIsTakenFromIt() throws Exception {
    cluster.coordinator();
    // Until then one who is registered and has no lock looks as if locks were worth nothing.
    eventually(
        "locks are known to work",
        () ->
            cluster.tree.stats(SESSION).values().stream()
                .anyMatch(record -> record.locks() == LockSupport.WORK));
    dead();
    MemberRecord member = new MemberRecord(MemberRecord.VERSION, OTHER, "node", 1, null, "test", 0);
    cluster.tree.register(SESSION, Role.COORDINATOR, member);
    TreeClaim claim =
        cluster.tree.tryClaim(cluster.base.id(), ArchiveKey.of("a.zip"), OTHER).orElseThrow();
    cluster.tree.publish(SESSION, cluster.batch("w-1-a", "a.zip", 1, 3));
    eventually("it is merged", () -> cluster.read("a.zip").size() == 3);
    assertThatExceptionOfType(ClaimLostException.class).isThrownBy(claim::ensureValidNow);
  }
}
