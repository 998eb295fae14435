package io.sheaf.session;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.scavenge.SessionSummary;
import io.sheaf.tree.ConnectionChange;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.PendingIndex;
import io.sheaf.tree.Role;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import io.sheaf.tree.Watch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Ends a session: its workers flush and leave, its coordinators merge what is pending, its leader
 * writes the summary and removes it from ZooKeeper. This only asks for that and waits.
 */
public final class Drain implements AutoCloseable {
  /**
   * How far a drain has come.
   *
   * @param unattended for how long no coordinator has been registered; zero while one is
   */
  public record Progress(int workers, Duration unattended, long batches, boolean connected) {}

  /**
   * Who waits for the end may end the job then: the leader has so long to tidy up after the session
   * is closed.
   */
  private static final long TIDY_NANOS = 30_000_000_000L;

  /** What takes long without any change is told again after this. */
  private static final long TELL_AGAIN_NANOS = 1_000_000_000L;

  private final String name;
  private final SessionRecord session;
  private final PendingIndex index;
  private final Watch members;
  private final Watch coordinating;
  private final Watch states;
  private final Watch connection;

  // Guarded by this object.
  private int workers;
  private int coordinators;
  private long lastAttended = System.nanoTime();
  private boolean closed;
  private long closedAt;
  private boolean gone;
  private boolean connected = true;
  private boolean changed = true;

  private Drain(Tree tree, SessionRecord session) {
    this.name = session.name();
    this.session = session;
    this.index = tree.watchPending(name);
    this.members = tree.watchMembers(name, Role.WORKER, this::workers);
    this.coordinating = tree.watchMembers(name, Role.COORDINATOR, this::coordinators);
    this.states = tree.watchSession(name, this::session);
    this.connection = tree.onConnection(this::connection);
    index.onChange(names -> update(() -> {}));
  }

  /**
   * Asks for the end of a session. One that is draining or closed already stays so.
   *
   * @throws NoSuchSessionException when there is none
   */
  public static Drain begin(Tree tree, String name) {
    SessionRecord session =
        tree.session(name).orElseThrow(() -> new NoSuchSessionException(name, null));
    tree.advance(name, SessionState.OPEN, SessionState.DRAINING);
    return new Drain(tree, session);
  }

  /**
   * Waits for the end.
   *
   * @param progress called at every change and every second, by this thread
   * @return false when it has not come within the timeout; the session goes on draining
   */
  public boolean await(Duration timeout, Consumer<Progress> progress) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    for (Progress next = next(end); !isClosed(); next = next(end)) {
      if (System.nanoTime() - end >= 0) {
        return false;
      }
      progress.accept(next);
    }
    return true;
  }

  private synchronized Progress next(long end) throws InterruptedException {
    long now = System.nanoTime();
    long until = Math.min(end - now, TELL_AGAIN_NANOS) + now;
    while (!changed && !gone && now - until < 0) {
      TimeUnit.NANOSECONDS.timedWait(this, until - now);
      now = System.nanoTime();
    }
    changed = false;
    if (coordinators > 0) {
      lastAttended = now;
    }
    return new Progress(workers, Duration.ofNanos(now - lastAttended), index.batches(), connected);
  }

  private synchronized boolean isClosed() {
    return gone || (closed && System.nanoTime() - closedAt > TIDY_NANOS);
  }

  private void workers(List<MemberRecord> now) {
    update(() -> workers = now.size());
  }

  private void coordinators(List<MemberRecord> now) {
    update(() -> coordinators = now.size());
  }

  private void session(Optional<SessionRecord> now) {
    update(
        () -> {
          gone |= now.isEmpty();
          if (!closed && now.filter(s -> s.state() == SessionState.CLOSED).isPresent()) {
            closed = true;
            closedAt = System.nanoTime();
          }
        });
  }

  private void connection(ConnectionChange change) {
    update(
        () ->
            connected =
                change == ConnectionChange.CONNECTED || change == ConnectionChange.RECONNECTED);
  }

  private synchronized void update(Runnable change) {
    change.run();
    changed = true;
    notifyAll();
  }

  /** The summary of this session that the leader has written. */
  public Optional<SessionSummary> summary(Disk disk, Path base) throws IOException {
    Optional<BaseDirectory> there = BaseDirectory.find(disk, base);
    return there.isEmpty()
        ? Optional.empty()
        : SessionSummary.read(disk, there.get(), name, session.created());
  }

  /** The base directory's path as the session's creator saw it. */
  public Path base() {
    return Path.of(session.base());
  }

  @Override
  public void close() {
    connection.close();
    states.close();
    coordinating.close();
    members.close();
    index.close();
  }
}
