package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.ChildProcess;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.LockProbe;
import io.sheaf.disk.SystemDisk;
import io.sheaf.disk.UselessLocks;
import io.sheaf.tree.LockSupport;
import io.sheaf.tree.MemberRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LockProbingTest {
  private static final String SELF = "here-1-aaaaaa";

  @TempDir Path root;
  private final Disk healthy = new SystemDisk();
  private final Disk useless = UselessLocks.on(healthy);
  private final List<MemberRecord> members = new ArrayList<>();
  private final List<LockSupport> told = new ArrayList<>();
  private Optional<Boolean> child = Optional.empty();
  private BaseDirectory base;

  @BeforeEach
  void base() throws IOException {
    base = BaseDirectory.create(healthy, root);
  }

  private static MemberRecord member(String host, long pid) {
    String id = host + "-" + pid + "-bbbbbb";
    return new MemberRecord(MemberRecord.VERSION, id, host, pid, null, "test", 0);
  }

  private MemberRecord registered(String host, long pid) {
    MemberRecord member = member(host, pid);
    members.add(member);
    return member;
  }

  private LockProbing probe(Disk disk) throws Exception {
    MemberRecord self = new MemberRecord(1, SELF, "here", 1, null, "test", 0);
    try (MemberLock own = MemberLock.take(disk, base, SELF, "test")) {
      LockProbing probing =
          new LockProbing(
              new LockProbing.Setting(disk, base, self, () -> members, Clock.systemUTC()),
              own,
              Duration.ofMillis(1),
              file -> child,
              told::add);
      probing.run();
      return probing;
    }
  }

  @Test
  void aChildTellsWhenNoOtherMemberIsHere() throws Exception {
    registered("here", 1);
    assertThat(probe(healthy).locks()).isEqualTo(LockSupport.UNKNOWN);
    child = Optional.of(true);
    assertThat(probe(healthy).locks()).isEqualTo(LockSupport.WORK);
    child = Optional.of(false);
    assertThat(probe(healthy).locks()).isEqualTo(LockSupport.NONE);
    assertThat(told).containsExactly(LockSupport.WORK, LockSupport.NONE);
  }

  @Test
  void aRealChildFindsTheLockOfThisProcess() throws Exception {
    try (MemberLock own = MemberLock.take(healthy, base, SELF, "test")) {
      assertThat(LockProbe.excludesAChild(own.file(), Duration.ofSeconds(30))).contains(true);
    }
    Path free = Files.createFile(root.resolve("free"));
    assertThat(LockProbe.excludesAChild(free, Duration.ofSeconds(30))).contains(false);
  }

  @Test
  void aMemberThatHoldsItsLockIsProof() throws Exception {
    MemberRecord other = registered("there", 2);
    Path file = base.member(other.id());
    Files.createDirectories(file.getParent());
    Files.createFile(file);
    try (ChildProcess owner = ChildProcess.holding(file)) {
      assertThat(owner.isAlive()).isTrue();
      assertThat(probe(healthy).locks()).isEqualTo(LockSupport.WORK);
    }
  }

  @Test
  void oneOfAnotherNodeThatDoesNotIsToo() throws Exception {
    child = Optional.of(true);
    MemberRecord other = registered("there", 2);
    try (MemberLock theirs = MemberLock.take(useless, base, other.id(), "test")) {
      assertThat(theirs.isHeld()).isTrue();
      LockProbing probing = probe(useless);
      assertThat(probing.locks()).isEqualTo(LockSupport.NODE_LOCAL);
      assertThat(probing.isBroken()).isTrue();
      assertThat(BrokenLocks.found(healthy, base)).contains(LockSupport.NODE_LOCAL);
      // Whoever comes later knows it at once.
      members.clear();
      assertThat(probe(healthy).locks()).isEqualTo(LockSupport.NODE_LOCAL);
    }
  }

  @Test
  void oneThatHasLeftMeanwhileIsNoProof() throws Exception {
    child = Optional.of(true);
    MemberRecord other = registered("there", 2);
    try (MemberLock theirs = MemberLock.take(healthy, base, other.id(), "test")) {
      assertThat(theirs.isHeld()).isTrue();
    }
    Files.createDirectories(base.members());
    Files.createFile(base.member(other.id()));
    LockProbing.Setting setting =
        new LockProbing.Setting(
            healthy,
            base,
            member("here", 1),
            () -> {
              List<MemberRecord> now = List.copyOf(members);
              members.clear();
              return now;
            },
            Clock.systemUTC());
    try (MemberLock own = MemberLock.take(healthy, base, SELF, "test")) {
      new LockProbing(setting, own, Duration.ofMillis(1), file -> child, told::add).run();
    }
    assertThat(told).containsExactly(LockSupport.WORK);
  }

  @Test
  void aProcessThatRunsIsKnownAndOneThatDoesNotToo() throws Exception {
    ProcessIdentity self = ProcessIdentity.ofThis();
    MemberMark mark = MemberMark.ofThis("test");
    assertThat(MemberMark.parse(mark.json())).contains(mark);
    assertThat(mark.process()).isEqualTo(self);
    assertThat(MemberMark.parse(new byte[0])).isEmpty();
    assertThat(self.isGone()).contains(false);
    long pid;
    try (ChildProcess other = ChildProcess.holding(root.resolve(".sheaf/base.json"))) {
      pid = other.pid();
    }
    assertThat(new ProcessIdentity(self.boot(), self.namespace(), pid, 1).isGone()).contains(true);
    // A pid that is used again.
    assertThat(new ProcessIdentity(self.boot(), self.namespace(), self.pid(), 1).isGone())
        .contains(true);
    assertThat(new ProcessIdentity("another", self.namespace(), pid, 1).isGone()).isEmpty();
  }

  @Test
  void theLockOfAMemberGoesWithIt() throws IOException {
    try (MemberLock own = MemberLock.take(healthy, base, SELF, "test")) {
      assertThat(own.file()).exists();
      assertThat(MemberLock.process(healthy, base, SELF)).contains(ProcessIdentity.ofThis());
      Optional<DiskLock> second = healthy.tryLockExisting(own.file());
      assertThat(second).isEmpty();
    }
    assertThat(base.member(SELF)).doesNotExist();
  }
}
