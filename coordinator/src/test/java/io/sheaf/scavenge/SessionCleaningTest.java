package io.sheaf.scavenge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.OpenSession;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.WorkerId;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import io.sheaf.worker.MemberLock;
import io.sheaf.worker.SessionJoin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SessionCleaningTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path directory;
  private Cluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = new Cluster(directory);
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private SessionRecord joined() throws Exception {
    return joined(cluster.settings().build());
  }

  private SessionRecord joined(Settings settings) throws Exception {
    return SessionJoin.join(
            cluster.tree,
            cluster.disk,
            cluster.base,
            settings,
            SessionJoin.Mode.CREATE,
            Clock.systemUTC())
        .session();
  }

  private SessionCleaning cleaning(@Nullable Tree tree) {
    return new SessionCleaning(
        cluster.disk, cluster.base, tree, WorkerId.create().toString(), Clock.systemUTC());
  }

  private SessionSummary clean(@Nullable Tree tree) throws Exception {
    return cleaning(tree).run(Cluster.SESSION, 2, PATIENCE, (done, of, last) -> {}).summary();
  }

  @Test
  void whatTheDeadHaveLeftIsMergedAndTheSessionIsGone() throws Exception {
    SessionRecord session = joined();
    cluster.tree.publish(Cluster.SESSION, cluster.batch("w-1-a", "a.zip", 1, 3));
    cluster.batch("w-1-a", "b.zip", 1, 2);
    BatchWriter open = cluster.open(Cluster.SESSION, "w-1-a", "a.zip", 2);
    open.append(List.of(Cluster.entry("open", "contents")));
    open.abandon();

    SessionSummary summary = clean(cluster.tree);

    assertThat(summary.created()).isEqualTo(session.created());
    assertThat(summary.entries()).isEqualTo(6);
    assertThat(summary.salvagedEntries()).isEqualTo(1);
    assertThat(summary.isClean()).isTrue();
    assertThat(cluster.read("a.zip")).hasSize(4).containsEntry("open", "contents");
    assertThat(cluster.read("b.zip")).hasSize(2);
    assertThat(cluster.tree.session(Cluster.SESSION)).isEmpty();
    assertThat(cluster.base.openSessions()).doesNotExist();
    assertThat(SessionSummary.read(cluster.disk, cluster.base, Cluster.SESSION)).contains(summary);
    assertThatThrownBy(() -> clean(cluster.tree)).isInstanceOf(NoSuchSessionException.class);
  }

  @Test
  void aSummaryListsTheClosedSessionsOfItsName() throws Exception {
    joined();
    cluster.batch("w-1-a", "a.zip", 1, 3);
    SessionSummary first = clean(cluster.tree);
    joined();
    cluster.batch("w-2-b", "a.zip", 1, 2);
    SessionSummary second = clean(cluster.tree);
    assertThat(second.earlier()).containsExactly(first);
    joined();
    SessionSummary third = clean(cluster.tree);
    assertThat(third.earlier()).hasSize(2).first().isEqualTo(first);
    assertThat(third.earlier().get(1).files()).isEqualTo(2);
    assertThat(third.earlier().get(1).earlier()).isEmpty();
    assertThat(SessionSummary.read(cluster.disk, cluster.base, Cluster.SESSION)).contains(third);
  }

  @Test
  void aSummaryThatNobodyCanReadIsInNobodysWay() throws Exception {
    joined();
    Path file = cluster.base.summary(Cluster.SESSION);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{\"version\":1,");
    assertThat(clean(cluster.tree).earlier()).isEmpty();
  }

  /** The registration of a member that was killed stays for as long as its ZooKeeper session. */
  @Test
  void aMemberThatLivesIsNamedAndOneThatDiedIsNotWaitedFor() throws Exception {
    joined();
    String id = "node-1-abc";
    try (MemberLock lock = MemberLock.take(cluster.disk, cluster.base, id, Cluster.SESSION)) {
      assertThat(lock).isNotNull();
      assertThatThrownBy(() -> clean(cluster.tree))
          .isInstanceOf(MembersAliveException.class)
          .hasMessageContainingAll(Cluster.SESSION, id, "session drain");
      assertThat(cluster.tree.session(Cluster.SESSION)).isPresent();
    }
    // As after SIGKILL: the file is there, its lock is free.
    Files.createDirectories(cluster.base.members());
    Files.writeString(
        cluster.base.member(id),
        "{\"session\":\"test\",\"process\":{\"boot\":\"\",\"namespace\":\"\",\"pid\":1,\"start\":1}}");
    assertThat(clean(cluster.tree).isClean()).isTrue();
    assertThat(cluster.base.member(id)).doesNotExist();
  }

  @Test
  void theParametersAreTheSessionsWithoutZooKeeperToo() throws Exception {
    SessionRecord session = joined(cluster.settings().option(Keys.DUPLICATES, "first").build());
    cluster.tree.deleteSession(Cluster.SESSION);
    for (int i = 1; i <= 2; i++) {
      BatchWriter batch = cluster.open(Cluster.SESSION, "w-1-a", "a.zip", i);
      batch.append(List.of(Cluster.entry("same", "contents " + i)));
      batch.seal();
    }
    SessionSummary summary = clean(null);
    assertThat(summary.created()).isEqualTo(session.created());
    assertThat(summary.collapsed()).isEqualTo(1);
    assertThat(cluster.read("a.zip")).containsOnlyKeys("same").containsValue("contents 1");
    assertThatThrownBy(() -> clean(null)).isInstanceOf(NoSuchSessionException.class);
  }

  @Test
  void aSessionThatZooKeeperHasForgottenIsGoneOnWith() throws Exception {
    SessionRecord first = joined();
    cluster.tree.deleteSession(Cluster.SESSION);
    assertThat(joined()).isEqualTo(first);

    clean(cluster.tree);
    SessionRecord next = joined();
    assertThat(next.created()).isGreaterThan(first.created());
    assertThat(new OpenSession(cluster.disk, cluster.base).find(Cluster.SESSION)).contains(next);
  }

  /** A leader may die between the summary and the removal. */
  @Test
  void ofAClosedSessionOnlyTheRestIsRemoved() throws Exception {
    SessionRecord session = joined();
    SessionSummary written =
        SessionSummary.of(
            cluster.disk,
            cluster.base,
            session,
            new SessionSummary.Closing(1, 2, "leader"),
            List.of(),
            List.of(),
            List.of());
    written.write(cluster.disk, cluster.base);
    cluster.tree.advance(Cluster.SESSION, SessionState.OPEN, SessionState.DRAINING);
    cluster.tree.advance(Cluster.SESSION, SessionState.DRAINING, SessionState.CLOSED);
    assertThat(clean(cluster.tree)).isEqualTo(written);
    assertThat(cluster.tree.session(Cluster.SESSION)).isEmpty();
    assertThat(cluster.base.openSessions()).doesNotExist();
  }
}
