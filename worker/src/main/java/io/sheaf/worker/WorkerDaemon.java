package io.sheaf.worker;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BaseWatch;
import io.sheaf.batch.WatchedDisk;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.LaneDepositor;
import io.sheaf.deposit.LaneStatus;
import io.sheaf.deposit.Lanes;
import io.sheaf.deposit.Quotas;
import io.sheaf.deposit.WorkerId;
import io.sheaf.disk.Disk;
import io.sheaf.spool.SpoolDoor;
import io.sheaf.tree.ConnectionChange;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.Registration;
import io.sheaf.tree.Role;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import io.sheaf.tree.Watch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker: takes deposits on its socket, publishes the batches that it seals, and leaves when it
 * is stopped or its session is drained. A deposit never waits for ZooKeeper; only the start needs
 * it.
 */
public final class WorkerDaemon implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WorkerDaemon.class);

  /** For clients that are cut off: long enough to cut their entries out of the batches. */
  private static final Duration ABORT_TIME = Duration.ofSeconds(5);

  private final String id;
  private final SessionRecord joined;
  private final WorkerOptions options;
  private final BaseDirectory base;
  private final BaseWatch watch;
  private final Clock clock;
  private final Tree tree;
  private final Instant started;
  private final Publisher publisher;
  private final Quotas quotas;
  private final WorkerStats stats;
  private final Lanes lanes;
  private final HttpDoor door;
  private volatile @Nullable SpoolDoor spool;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicBoolean leaving = new AtomicBoolean();
  private final Deadline deadline = new Deadline();
  private volatile @Nullable MemberLock lock;
  private volatile @Nullable LockProbing probing;
  private volatile @Nullable Registration registration;
  private final AtomicBoolean away = new AtomicBoolean();
  private volatile @Nullable Watch connection;
  private volatile @Nullable Watch session;
  private volatile @Nullable WallTime wallTime;
  private volatile boolean sessionGone;
  private volatile Ending ending = Ending.UNFINISHED;

  private WorkerDaemon(
      WorkerId id,
      SessionRecord joined,
      WorkerOptions options,
      Disk disk,
      BaseDirectory base,
      BaseWatch watch,
      Tree tree,
      EntryView entries,
      Clock clock)
      throws IOException {
    this.id = id.toString();
    this.joined = joined;
    this.options = options;
    this.base = base;
    this.watch = watch;
    this.clock = clock;
    this.tree = tree;
    this.started = clock.instant();
    this.quotas = new Quotas(options.quotas());
    this.stats = new WorkerStats(tree, options.session(), this.id, quotas, clock);
    stats.learn();
    this.publisher = new Publisher(batches -> publish(tree, batches));
    this.lanes =
        new Lanes(
            disk,
            base,
            options.session(),
            this.id,
            options.lanes(),
            quotas,
            clock,
            publisher::offer);
    lanes.appends().grace(options.appendGrace());
    try {
      this.door =
          new HttpDoor(
              options.socket(),
              options.peers(),
              lanes,
              this::status,
              options.uploads(),
              entries,
              new BatchProgress(publisher, disk, base));
    } catch (IOException e) {
      lanes.close();
      publisher.close();
      throw e;
    }
  }

  /**
   * Joins the session, or creates it, and serves the socket when this returns.
   *
   * @param tree connected; stays the caller's to close, after the worker has ended
   * @throws IOException when the base directory or the socket cannot be used; the message says why
   */
  public static WorkerDaemon start(Settings settings, Disk disk, Tree tree, Clock clock)
      throws IOException {
    return start(settings, SessionJoin.Mode.CREATE, disk, tree, clock);
  }

  /** As {@link #start(Settings, Disk, Tree, Clock)}, saying who fixes the parameters. */
  public static WorkerDaemon start(
      Settings settings, SessionJoin.Mode mode, Disk disk, Tree tree, Clock clock)
      throws IOException {
    return start(settings, mode, disk, tree, (files, base) -> EntryView.NONE, clock);
  }

  /**
   * As above, with a view of what was deposited.
   *
   * @param entries what it shows to clients beside what it has itself
   */
  public static WorkerDaemon start(
      Settings settings,
      SessionJoin.Mode mode,
      Disk disk,
      Tree tree,
      EntryView.Maker entries,
      Clock clock)
      throws IOException {
    SessionBase<SessionJoin> joined =
        SessionBase.join(
            tree,
            disk,
            settings.get(Keys.BASE),
            settings.get(Keys.SESSION),
            base -> joined(SessionJoin.join(tree, disk, base, settings, mode, clock)));
    SessionRecord session = joined.session().session();
    WorkerOptions options = WorkerOptions.of(joined.session().settings());
    WorkerId id = WorkerId.create();
    BaseWatch watch = new BaseWatch(disk, joined.base());
    Disk watched = new WatchedDisk(disk, joined.base(), watch);
    WorkerDaemon worker =
        new WorkerDaemon(
            id,
            session,
            options,
            watched,
            joined.base(),
            watch,
            tree,
            entries.of(watched, joined.base()),
            clock);
    try {
      worker.register(id, watched, settings.get(Keys.SESSION_TIMEOUT));
      worker.serveSpool(disk);
      worker.watchWallTime(settings);
    } catch (IOException | RuntimeException e) {
      worker.stop(Duration.ZERO);
      throw e;
    }
    return worker;
  }

  private static SessionJoin joined(SessionJoin join) throws IOException {
    SessionRecord session = join.session();
    if (session.state() != SessionState.OPEN) {
      throw new IOException(
          "session "
              + session.name()
              + " takes no more workers: it is being drained; if nobody is left to do it, run"
              + " 'sheaf session clean "
              + session.name()
              + "'");
    }
    return join;
  }

  private void publish(Tree to, List<PendingBatch> batches) {
    if (batches.size() == 1) {
      to.publish(options.session(), batches.get(0));
    } else {
      to.publishAll(options.session(), batches);
    }
  }

  private void register(WorkerId name, Disk disk, Duration sessionTimeout) {
    MemberRecord member =
        new MemberRecord(
            MemberRecord.VERSION,
            id,
            name.host(),
            name.pid(),
            door.path().toString(),
            Build.version(),
            clock.millis());
    MemberLock own = MemberLock.take(disk, base, id, options.session());
    lock = own;
    registration = tree.register(options.session(), Role.WORKER, member);
    probing =
        LockProbing.start(
            new LockProbing.Setting(disk, base, member, this::members, clock),
            own,
            sessionTimeout,
            stats::locks);
    watch.start(this::baseLookedAt);
    stats.start();
    connection = tree.onConnection(this::connectionChanged);
    session = tree.watchSession(options.session(), this::sessionChanged);
    log.info("worker {} of session {} serves {}", id, options.session(), door.path());
  }

  /** Once its batches will be published. */
  private void serveSpool(Disk disk) throws IOException {
    if (options.spool().isPresent()) {
      spool = SpoolDoor.start(disk, options.spool().get(), new LaneDepositor(lanes));
    }
  }

  private List<MemberRecord> members() {
    List<MemberRecord> all = new ArrayList<>(tree.members(options.session(), Role.WORKER));
    all.addAll(tree.members(options.session(), Role.COORDINATOR));
    return all;
  }

  /** While the base directory is away no deposit is taken; what is in open batches is kept. */
  private void baseLookedAt(String reason) {
    lanes.pause(reason);
    stats.away(reason);
  }

  private void watchWallTime(Settings settings) {
    wallTime =
        WallTime.start(
            settings,
            clock,
            end -> stats.ends(WallTime.stats(end)),
            end -> {
              deadline.in(options.stopTimeout());
              leaveLater("its job ends at " + end, Ending.STOPPED);
            });
  }

  private void connectionChanged(ConnectionChange change) {
    if (change == ConnectionChange.RECONNECTED || change == ConnectionChange.CONNECTED) {
      if (away.getAndSet(false)) {
        log.info("ZooKeeper is back: publishing what has waited");
      }
      publisher.wake();
    } else if (!away.getAndSet(true)) {
      log.warn("ZooKeeper is away: deposits go on, their batches are published when it is back");
    }
  }

  private void sessionChanged(Optional<SessionRecord> record) {
    if (record.isEmpty() || record.get().created() != joined.created()) {
      // Nowhere to publish to any more: what is sealed waits in the inbox.
      sessionGone = true;
      leaveLater("the session is gone", Ending.DRAINED);
    } else if (record.get().state() != SessionState.OPEN) {
      leaveLater("the session is being drained", Ending.DRAINED);
    }
  }

  /** Callbacks must not wait for what they wait for themselves. */
  private void leaveLater(String reason, Ending ifFinished) {
    if (leaving.compareAndSet(false, true)) {
      Thread thread = new Thread(() -> leave(reason, ifFinished), "sheaf-leave");
      thread.start();
    }
  }

  private void leave(String reason, Ending ifFinished) {
    log.info("worker {} leaves: {}", id, reason);
    boolean finished = false;
    try {
      finishSpool();
      lanes.refuse(reason + ", this worker takes no more deposits");
      lanes.appends().endAll(reason + ": this log ends here, go on with another worker");
      finishDeposits();
      boolean flushed = deadline.await(lanes::flush);
      boolean published = deadline.await(this::awaitPublished) && publisher.waiting() == 0;
      finished = flushed && published;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end(finished ? ifFinished : Ending.UNFINISHED);
    }
  }

  /** What was left there before the end is deposited, as long as deposits are taken. */
  private void finishSpool() throws InterruptedException {
    SpoolDoor served = spool;
    if (served != null) {
      boolean unused = deadline.await(served::finish, options.stopTimeout());
    }
  }

  private boolean awaitPublished(Duration timeout) throws InterruptedException {
    return sessionGone || publisher.awaitEmpty(timeout);
  }

  private void finishDeposits() throws InterruptedException {
    boolean quiet = deadline.await(lanes::awaitQuiet, options.stopTimeout());
    if (!quiet) {
      log.warn("clients that did not end their uploads are cut off");
      door.disconnectAll();
      deadline.await(lanes::awaitQuiet, ABORT_TIME);
    }
  }

  private void end(Ending how) {
    LaneStatus left = lanes.status();
    int unpublished = publisher.waiting();
    close(wallTime);
    close(spool);
    close(watch);
    close(session);
    close(connection);
    close(probing);
    close(stats);
    close(registration);
    close(lock);
    publisher.close();
    try {
      door.close();
    } catch (IOException e) {
      log.warn("the socket {} stays behind: {}", door.path(), e.getMessage());
    }
    lanes.close();
    report(left, unpublished);
    ending = how;
    ended.countDown();
  }

  private void report(LaneStatus left, int unpublished) {
    if (unpublished > 0) {
      log.warn(
          "{} sealed batches are not published: they are in the inbox, where the leader finds them",
          unpublished);
    }
    if (left.open() + left.sealing() > 0) {
      log.warn(
          "{} batches are not sealed: their entries are left for salvage",
          left.open() + left.sealing());
    }
    log.info("worker {} took {} deposits, {} bytes", id, left.deposits(), left.bytes());
  }

  private static void close(@Nullable AutoCloseable part) {
    try {
      if (part != null) {
        part.close();
      }
    } catch (Exception e) {
      log.warn("while leaving: {}", e.getMessage());
    }
  }

  private byte[] status() {
    LaneStatus now = lanes.status();
    return new StatusPage(
            StatusPage.VERSION,
            Protocol.VERSION,
            id,
            id,
            options.session(),
            base.root().toString(),
            options.socket().toString(),
            started.toString(),
            StatusPage.state(now),
            tree.isConnected(),
            door.connections(),
            publisher.count(),
            publisher.waiting(),
            publisher.failure(),
            now.deposits(),
            now.bytes(),
            now.failed(),
            now.lost(),
            now.queued(),
            now.memory(),
            options.lanes().memoryLimit(),
            now.open(),
            now.sealing(),
            now.sealed(),
            now.sealFailures(),
            lanes.appends().state(),
            quotas.states(),
            spooled())
        .json();
  }

  private SpoolDoor.@Nullable Status spooled() {
    SpoolDoor served = spool;
    return served == null ? null : served.status();
  }

  public String id() {
    return id;
  }

  /** The socket that it serves, absolute. */
  public Path socket() {
    return door.path();
  }

  /**
   * Asks for the end of the session; nothing to do when it is draining already, or gone.
   *
   * @throws io.sheaf.tree.TreeException when ZooKeeper does not answer, or does not let this worker
   */
  public void drainSession() {
    if (tree.session(options.session()).filter(this::isOurs).isPresent()) {
      tree.advance(options.session(), SessionState.OPEN, SessionState.DRAINING);
    }
  }

  private boolean isOurs(SessionRecord record) {
    return record.created() == joined.created();
  }

  /** Waits until the worker has left, because its session was drained or it was stopped. */
  public Ending awaitEnd() throws InterruptedException {
    ended.await();
    return ending;
  }

  /**
   * Takes no more deposits, ends those under way, seals, publishes and leaves, all within that time
   * and a few seconds. With ZooKeeper away, sealed batches stay in the inbox, where the leader
   * finds them. A worker that is leaving already hurries.
   */
  public Ending stop(Duration timeout) {
    deadline.in(timeout);
    if (leaving.compareAndSet(false, true)) {
      leave("it is stopped", Ending.STOPPED);
    }
    try {
      return awaitEnd();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Ending.UNFINISHED;
    }
  }

  /** As {@link #stop} with {@code stop_timeout}. */
  @Override
  public void close() {
    stop(options.stopTimeout());
  }
}
