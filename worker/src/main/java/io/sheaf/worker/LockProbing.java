package io.sheaf.worker;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.LockProbe;
import io.sheaf.tree.LockSupport;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.TreeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out, in the background, what POSIX locks are worth: it tries the locks of other members.
 * One that it gets although its owner is alive excludes nobody. Where no other member runs on this
 * node, a child process tries this one's.
 */
public final class LockProbing implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LockProbing.class);

  /** So many members of this node, and of other nodes, are tried. */
  private static final int SAMPLE = 4;

  /** A member has better things to do when it starts, and a short session needs no answer. */
  private static final Duration DELAY = Duration.ofSeconds(3);

  private static final Duration CHILD = Duration.ofSeconds(30);

  /** What it works with. {@code others} are all members that are registered. */
  public record Setting(
      Disk disk,
      BaseDirectory base,
      MemberRecord self,
      Supplier<List<MemberRecord>> others,
      Clock clock) {}

  private final Setting in;
  private final MemberLock own;
  private final Duration confirmation;
  private final Function<Path, Optional<Boolean>> child;
  private final Consumer<LockSupport> listener;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile LockSupport found = LockSupport.UNKNOWN;
  private volatile boolean suspicious;

  LockProbing(
      Setting in,
      MemberLock own,
      Duration confirmation,
      Function<Path, Optional<Boolean>> child,
      Consumer<LockSupport> listener) {
    this.in = in;
    this.own = own;
    this.confirmation = confirmation;
    this.child = child;
    this.listener = listener;
  }

  /**
   * Starts, some time from now: what is done at once should not wait for it.
   *
   * @param sessionTimeout after which a member that died is not registered any more
   * @param listener told, by a thread of its own, when something is known, and of ZooKeeper's being
   *     away when it says so
   */
  public static LockProbing start(
      Setting in, MemberLock own, Duration sessionTimeout, Consumer<LockSupport> listener) {
    LockProbing probing =
        new LockProbing(
            in,
            own,
            sessionTimeout.multipliedBy(2),
            file -> LockProbe.excludesAChild(file, CHILD),
            listener);
    Thread thread = new Thread(probing::runLater, "sheaf-locks");
    thread.setDaemon(true);
    thread.start();
    return probing;
  }

  private void runLater() {
    try {
      if (!isClosedWithin(DELAY)) {
        run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | TreeException e) {
      log.info("what locks are worth here is not known: {}", e.getMessage());
    }
  }

  /** What is known of them: what was found here, or by others on this base directory. */
  public LockSupport locks() throws IOException {
    return BrokenLocks.found(in.disk(), in.base()).orElse(LockSupport.UNKNOWN).orWorse(found);
  }

  /** Whether nobody may rely on them alone: they are broken, or look so. */
  public boolean isBroken() throws IOException {
    return suspicious || locks().isBroken();
  }

  void run() throws IOException, InterruptedException {
    LockSupport before = BrokenLocks.found(in.disk(), in.base()).orElse(LockSupport.UNKNOWN);
    if (before.isBroken()) {
      tell(before, "as was found before");
      return;
    }
    if (!own.isHeld()) {
      return;
    }
    List<MemberRecord> others = in.others().get();
    Optional<Boolean> here = exclude(others, this::isHere);
    if (here.isEmpty()) {
      here = child.apply(own.file());
    }
    Optional<Boolean> elsewhere = exclude(others, m -> !m.host().equals(in.self().host()));
    if (here.isPresent() && !here.get()) {
      broken(LockSupport.NONE);
    } else if (elsewhere.isPresent() && !elsewhere.get()) {
      broken(LockSupport.NODE_LOCAL);
    } else if (here.isPresent() || elsewhere.isPresent()) {
      tell(LockSupport.WORK, "");
    }
  }

  /** A process never excludes itself, and some run a worker and a coordinator. */
  private boolean isHere(MemberRecord member) {
    return member.host().equals(in.self().host()) && member.pid() != in.self().pid();
  }

  /** Whether some members' locks exclude this process; empty when there was none to be tried. */
  private Optional<Boolean> exclude(List<MemberRecord> others, Predicate<MemberRecord> which)
      throws IOException, InterruptedException {
    Optional<Boolean> answer = Optional.empty();
    for (MemberRecord member : others.stream().filter(which).limit(SAMPLE).toList()) {
      Optional<Boolean> one = excludes(member);
      if (one.isPresent() && !one.get()) {
        return one;
      }
      answer = one.isPresent() ? one : answer;
    }
    return answer;
  }

  private Optional<Boolean> excludes(MemberRecord member) throws IOException, InterruptedException {
    Path file = in.base().member(member.id());
    if (in.disk().stat(file).isEmpty()) {
      return Optional.empty();
    }
    if (!isFree(file)) {
      return in.disk().stat(file).map(there -> true);
    }
    // Its owner may just have died, or be leaving: it is registered for a while all the same.
    suspicious = true;
    try {
      if (!isKnownToRun(member) && isClosedWithin(confirmation)) {
        return Optional.empty();
      }
      boolean registered =
          in.others().get().stream().anyMatch(other -> other.id().equals(member.id()));
      return registered && isFree(file) ? Optional.of(false) : Optional.empty();
    } finally {
      suspicious = false;
    }
  }

  private boolean isKnownToRun(MemberRecord member) throws IOException {
    return MemberLock.process(in.disk(), in.base(), member.id())
        .flatMap(ProcessIdentity::isGone)
        .filter(gone -> !gone)
        .isPresent();
  }

  private boolean isFree(Path file) throws IOException {
    Optional<DiskLock> lock = in.disk().tryLockExisting(file);
    if (lock.isPresent()) {
      lock.get().close();
    }
    return lock.isPresent();
  }

  private void broken(LockSupport locks) throws IOException {
    BrokenLocks.write(in.disk(), in.base(), locks, in.self().id(), in.clock());
    tell(locks, "as was found now");
  }

  private void tell(LockSupport locks, String how) {
    found = locks;
    if (locks.isBroken()) {
      log.warn(
          "POSIX LOCKS {} on the filesystem of {}, {}: a process that was paused for long can do"
              + " harm. Mount it with locks that work (Lustre: -o flock), then remove {}. Until"
              + " then archives are replaced as a whole, what is consumed is kept for a while, and"
              + " batches that a dead worker left open wait for a coordinator on its node or for"
              + " 'sheaf recover --salvage'",
          locks == LockSupport.NONE ? "DO NOT WORK" : "WORK ONLY WITHIN A NODE",
          in.base().root(),
          how,
          in.base().brokenLocks());
    }
    listener.accept(locks);
  }

  private boolean isClosedWithin(Duration time) throws InterruptedException {
    return closed.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What is under way ends by itself, without another word. */
  @Override
  public void close() {
    closed.countDown();
  }
}
