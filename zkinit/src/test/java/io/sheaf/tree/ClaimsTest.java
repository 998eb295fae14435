package io.sheaf.tree;

import static io.sheaf.tree.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClaimsTest extends ZooKeeperTestCase {
  private static final ArchiveKey KEY = ArchiveKey.of("a.zip");

  @Test
  void excludesOthersUntilItIsClosed() {
    Tree one = connect();
    Tree two = connect();
    TreeClaim claim = one.tryClaim("base-1", KEY, "one").orElseThrow();
    claim.ensureValid();
    claim.ensureValidNow();
    assertThat(two.tryClaim("base-1", KEY, "two")).isEmpty();
    assertThat(one.tryClaim("base-1", KEY, "one")).isEmpty();
    assertThat(two.claimHolder("base-1", KEY)).contains("one");
    assertThat(two.tryClaim("base-2", KEY, "two")).isPresent();
    assertThat(two.tryClaim("base-1", ArchiveKey.of("b.zip"), "two")).isPresent();
    claim.close();
    claim.close();
    assertThatExceptionOfType(ClaimLostException.class).isThrownBy(claim::ensureValid);
    TreeClaim next = two.tryClaim("base-1", KEY, "two").orElseThrow();
    next.ensureValid();
    assertThat(one.claimHolder("base-1", KEY)).contains("two");
  }

  @Test
  void isBoundToNoThread() {
    Tree tree = connect();
    TreeClaim claim =
        CompletableFuture.supplyAsync(
                () -> tree.tryClaim("b", KEY, "x").orElseThrow(), task -> new Thread(task).start())
            .join();
    claim.ensureValid();
    CompletableFuture.runAsync(claim::close, task -> new Thread(task).start()).join();
    assertThat(tree.tryClaim("b", KEY, "x")).isPresent();
  }

  @Test
  void isInvalidOnceItsSessionIsGoneAndAnotherMayHaveIt() throws Exception {
    Tree one = connect();
    Tree two = connect();
    TreeClaim claim = one.tryClaim("b", KEY, "one").orElseThrow();
    expire(one);
    assertThatExceptionOfType(ClaimLostException.class).isThrownBy(claim::ensureValid);
    TreeClaim next = two.tryClaim("b", KEY, "two").orElseThrow();
    claim.close(); // must not take the other's away
    next.ensureValid();
    assertThat(one.claimHolder("b", KEY)).contains("two");
  }

  @Test
  void isInvalidWhenItsZnodeIsRemovedByHand() throws Exception {
    Tree tree = connect();
    TreeClaim claim = tree.tryClaim("b", KEY, "one").orElseThrow();
    tree.client()
        .delete()
        .deletingChildrenIfNeeded()
        .forPath("/sheaf/bases/b/locks/" + KEY.hex() + "/leases");
    assertThatExceptionOfType(ClaimLostException.class).isThrownBy(claim::ensureValidNow);
    assertThatExceptionOfType(ClaimLostException.class).isThrownBy(claim::ensureValid);
  }

  @Test
  void isInDoubtWhileTheServerIsAwayAndHoldsAfterAShortBreak() throws Exception {
    Tree tree = connect(options("30s"));
    TreeClaim claim = tree.tryClaim("b", KEY, "one").orElseThrow();
    server.stop();
    eventually("suspended", () -> !tree.isConnected());
    assertThatExceptionOfType(TreeUnreachableException.class).isThrownBy(claim::ensureValid);
    assertThatExceptionOfType(TreeUnreachableException.class).isThrownBy(claim::ensureValidNow);
    server.restart();
    eventually("reconnected", tree::isConnected);
    claim.ensureValid();
    claim.close();
    assertThat(tree.tryClaim("b", KEY, "one")).isPresent();
  }

  @Test
  void everythingCanBeClosedWhileTheServerIsAway() throws Exception {
    Tree tree = connect();
    tree.createOrJoin(session("s"));
    TreeClaim claim = tree.tryClaim("b", KEY, "one").orElseThrow();
    Registration registration = tree.register("s", Role.WORKER, member("w"));
    Leadership leadership = tree.lead("s", "one", listener("one", new CopyOnWriteArrayList<>()));
    PendingIndex index = tree.watchPending("s");
    server.stop();
    eventually("suspended", () -> !tree.isConnected());
    claim.close();
    registration.close();
    leadership.close();
    index.close();
    server.restart();
    eventually("reconnected", tree::isConnected);
    eventually("released", () -> tree.tryClaim("b", KEY, "one").isPresent());
    eventually("deregistered", () -> tree.members("s", Role.WORKER).isEmpty());
    server.stop();
    tree.close();
    assertThat(registration.isRegistered()).isFalse();
  }

  @Test
  void atMostOneOfManyHasIt() {
    List<Tree> clients = IntStream.range(0, 4).mapToObj(i -> connect()).toList();
    AtomicInteger holders = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<CompletableFuture<Integer>> claimants =
        clients.stream()
            .map(
                tree ->
                    CompletableFuture.supplyAsync(
                        () -> claimRepeatedly(tree, holders, most),
                        task -> new Thread(task).start()))
            .toList();
    int successes = claimants.stream().mapToInt(CompletableFuture::join).sum();
    assertThat(most).hasValue(1);
    assertThat(successes).isPositive();
  }

  private static int claimRepeatedly(Tree tree, AtomicInteger holders, AtomicInteger most) {
    int successes = 0;
    for (int i = 0; i < 50; i++) {
      Optional<TreeClaim> claim = tree.tryClaim("b", KEY, "x");
      if (claim.isPresent()) {
        most.accumulateAndGet(holders.incrementAndGet(), Math::max);
        holders.decrementAndGet();
        claim.get().close();
        successes++;
      }
    }
    return successes;
  }

  @Test
  void leadershipPassesOn() throws Exception {
    Tree one = connect();
    Tree two = connect();
    one.createOrJoin(session("s"));
    assertThat(one.currentLeader("s")).isEmpty();
    List<String> told = new CopyOnWriteArrayList<>();
    Leadership first = one.lead("s", "one", listener("one", told));
    eventually("one leads", () -> told.equals(List.of("one elected")) && first.isLeader());
    Leadership second = two.lead("s", "two", listener("two", told));
    assertThat(two.currentLeader("s")).contains("one");
    assertThat(second.isLeader()).isFalse();
    expire(one);
    eventually("two leads", second::isLeader);
    eventually(
        "both were told", () -> told.contains("one deposed") && told.contains("two elected"));
    assertThat(one.currentLeader("s")).contains("two");
    second.close();
    eventually("two is told", () -> told.contains("two deposed"));
    eventually("one leads again", first::isLeader);
    first.close();
    eventually("nobody leads", () -> two.currentLeader("s").isEmpty());
    assertThatExceptionOfType(NoSuchSessionException.class)
        .isThrownBy(() -> two.lead("none", "two", listener("two", told)));
  }

  private static LeadershipListener listener(String name, List<String> told) {
    return new LeadershipListener() {
      @Override
      public void elected() {
        told.add(name + " elected");
      }

      @Override
      public void deposed() {
        told.add(name + " deposed");
      }
    };
  }

  /** While the ZooKeeper session of the dead has not expired. */
  @Test
  void isRetiredOnlyForItsHolder() {
    Tree one = connect();
    Tree two = connect();
    TreeClaim claim = one.tryClaim("base-1", KEY, "one").orElseThrow();
    two.retireClaim("base-1", KEY, "another");
    claim.ensureValidNow();
    assertThat(two.tryClaim("base-1", KEY, "two")).isEmpty();
    two.retireClaim("base-1", KEY, "one");
    assertThatExceptionOfType(ClaimLostException.class).isThrownBy(claim::ensureValidNow);
    try (TreeClaim next = two.tryClaim("base-1", KEY, "two").orElseThrow()) {
      claim.close();
      next.ensureValidNow();
    }
  }
}
