package io.sheaf.scavenge;

import io.sheaf.archive.Consolidator;
import io.sheaf.archive.MergePolicy;
import io.sheaf.batch.BaseWatch;
import io.sheaf.batch.Salvager;
import io.sheaf.batch.WatchedDisk;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.conf.Keys;
import io.sheaf.conf.QuotaRules;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.WorkerId;
import io.sheaf.disk.Disk;
import io.sheaf.tree.ConnectionChange;
import io.sheaf.tree.LeadershipListener;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.PendingIndex;
import io.sheaf.tree.Registration;
import io.sheaf.tree.Role;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeException;
import io.sheaf.tree.Watch;
import io.sheaf.worker.BrokenLocks;
import io.sheaf.worker.LockProbing;
import io.sheaf.worker.MemberLock;
import io.sheaf.worker.SessionBase;
import io.sheaf.worker.SessionJoin;
import io.sheaf.worker.WallTime;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A coordinator: it joins a session, or creates it, merges archives and stands for leader, until
 * the session is closed or it is stopped. It may die at any moment; others go on from what is in
 * the files and in ZooKeeper.
 */
public final class CoordinatorDaemon implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CoordinatorDaemon.class);
  private static final long STATS_SECONDS = 2;

  /** How the session ended for this coordinator. */
  public enum End {
    /** It was stopped; the session goes on. */
    STOPPED,
    /** The session is closed and everything is in its archive. */
    CLEAN,
    /**
     * The session is closed; something is in quarantine, or an archive could not be merged into.
     */
    IN_PART
  }

  private final Coordination in;
  private final Counters counters = new Counters();
  private final PendingIndex index;
  private final Scavenger scavenger;
  private final LeaderDuties duties;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Statistics statistics;
  private final ScheduledExecutorService teller =
      Executors.newSingleThreadScheduledExecutor(r -> new Thread(r, "statistics"));
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile End end = End.STOPPED;
  private volatile Optional<SessionSummary> summary = Optional.empty();
  private volatile Optional<Instant> jobEnd = Optional.empty();
  private volatile boolean leads;
  private volatile boolean draining;
  private volatile boolean connected = true;
  private volatile @Nullable LockProbing probing;

  private CoordinatorDaemon(Coordination in, Settings settings) {
    this.in = in;
    this.index = in.tree().watchPending(in.session());
    MergePolicy policy = MergePolicy.of(settings);
    Consolidator consolidator =
        new Consolidator(in.disk(), in.base(), policy, in.id(), in.totals(), in.clock());
    Consolidator cautious =
        new Consolidator(
            new KeptBatches(in.disk(), in.base(), in.clock()),
            in.base(),
            policy.with(CommitStrategy.REPLACE),
            in.id(),
            in.totals(),
            in.clock());
    MergeRate rate = new MergeRate(in.nanoTime());
    this.statistics = new Statistics(in, counters, rate);
    Deaths deaths = new Deaths(in, statistics::knownLocks);
    this.scavenger =
        new Scavenger(
            in,
            deaths,
            consolidator,
            cautious,
            this::locksAreBroken,
            index,
            counters,
            rate,
            MergeTiming.of(in, settings.get(Keys.MERGE_MAX_AGE), policy.commit()),
            new GapWaits(in, policy.gapTimeout()),
            this::tellStatsNow);
    Publishing publishing =
        new Publishing(in, consolidator.mixed(), cautious.mixed(), this::locksAreBroken, counters);
    Salvager salvager = new Salvager(in.disk(), in.base(), in.id(), in.clock());
    Orphans orphans =
        new Orphans(
            in,
            salvager,
            settings.get(Keys.SALVAGE_GRACE),
            publishing,
            counters,
            this::locksAreBroken);
    BaseTidying tidying = new BaseTidying(in, this::locksAreBroken);
    Draining draining = new Draining(in, orphans, publishing, scavenger::troubles, tidying);
    this.duties =
        new LeaderDuties(
            in,
            orphans,
            publishing,
            draining,
            new JobEnds(in, settings),
            () -> jobEnd,
            new UsageSum(in, QuotaRules.of(settings)),
            new Succession(in, deaths),
            settings.get(Keys.SCAN_INTERVAL),
            settings.get(Keys.SALVAGE_GRACE),
            this::sessionOver);
  }

  /**
   * Starts a coordinator. When this returns it is registered and merges.
   *
   * @param tree connected; it is not closed with the coordinator
   * @throws io.sheaf.conf.ConfException when a setting is missing, or contradicts the session's
   */
  public static CoordinatorDaemon start(Settings settings, Disk disk, Tree tree, Clock clock)
      throws IOException {
    return start(settings, SessionJoin.Mode.CREATE, disk, tree, clock);
  }

  /** As {@link #start(Settings, Disk, Tree, Clock)}, saying who fixes the parameters. */
  public static CoordinatorDaemon start(
      Settings settings, SessionJoin.Mode mode, Disk disk, Tree tree, Clock clock)
      throws IOException {
    SessionBase<SessionJoin> joining =
        SessionBase.join(
            tree,
            disk,
            settings.get(Keys.BASE),
            settings.get(Keys.SESSION),
            base -> SessionJoin.join(tree, disk, base, settings, mode, clock));
    SessionRecord session = joining.session().session();
    Settings joined = joining.session().settings();
    BaseWatch watch = new BaseWatch(disk, joining.base());
    Coordination in =
        new Coordination(
            tree,
            new WatchedDisk(disk, joining.base(), watch),
            joining.base(),
            watch,
            session.name(),
            session.created(),
            WorkerId.create().toString(),
            clock,
            System::nanoTime);
    CoordinatorDaemon daemon = new CoordinatorDaemon(in, joined);
    boolean started = false;
    try {
      daemon.join(joined.get(Keys.MERGE_THREADS), joined.get(Keys.SESSION_TIMEOUT));
      daemon.watchWallTime(joined);
      started = true;
      return daemon;
    } finally {
      if (!started) {
        daemon.close();
      }
    }
  }

  private void join(int mergeThreads, Duration sessionTimeout) {
    Tree tree = in.tree();
    MemberRecord member = member();
    parts.push(in.watch());
    MemberLock lock = MemberLock.take(in.disk(), in.base(), in.id(), in.session());
    parts.push(lock);
    Registration registration = tree.register(in.session(), Role.COORDINATOR, member);
    parts.push(registration);
    LockProbing started =
        LockProbing.start(
            new LockProbing.Setting(in.disk(), in.base(), member, this::members, in.clock()),
            lock,
            sessionTimeout,
            statistics::locks);
    probing = started;
    parts.push(started);
    watch(tree.onConnection(this::connection));
    watch(
        tree.watchMembers(
            in.session(),
            Role.COORDINATOR,
            members -> scavenger.coordinators(members.stream().map(MemberRecord::id).toList())));
    watch(tree.watchMembers(in.session(), Role.WORKER, members -> workersChanged()));
    watch(tree.watchSession(in.session(), this::sessionChanged));
    Candidacy candidacy = Candidacy.of(in, new Listener());
    parts.push(candidacy);
    scavenger.start(mergeThreads);
    in.watch().start(reason -> baseLookedAt(reason, candidacy));
    ScheduledFuture<?> unused =
        teller.scheduleWithFixedDelay(
            this::tellStats, STATS_SECONDS, STATS_SECONDS, TimeUnit.SECONDS);
    LOG.info("coordinator {} serves session {} on {}", in.id(), in.session(), in.base().root());
  }

  private void watchWallTime(Settings settings) {
    boolean drains = settings.get(Keys.DRAIN_AT_END);
    parts.push(
        WallTime.start(
            settings,
            in.clock(),
            end -> {
              jobEnd = end;
              statistics.end(JobEnds.stats(end, drains));
            },
            this::leaveAtEnd));
  }

  /** While the session drains a coordinator merges to the last: a crash loses nothing. */
  private void leaveAtEnd(Instant end) {
    if (!draining) {
      LOG.info("coordinator {} leaves: its job ends at {}", in.id(), end);
      over.countDown();
    }
  }

  private boolean locksAreBroken() throws IOException {
    LockProbing started = probing;
    return started == null
        ? BrokenLocks.found(in.disk(), in.base()).isPresent()
        : started.isBroken();
  }

  private List<MemberRecord> members() {
    List<MemberRecord> all = new ArrayList<>(in.tree().members(in.session(), Role.WORKER));
    all.addAll(in.tree().members(in.session(), Role.COORDINATOR));
    return all;
  }

  private void watch(Watch watch) {
    parts.push(watch);
  }

  private MemberRecord member() {
    String build = CoordinatorDaemon.class.getPackage().getImplementationVersion();
    return new MemberRecord(
        MemberRecord.VERSION,
        in.id(),
        in.id().substring(0, in.id().indexOf('-')),
        ProcessHandle.current().pid(),
        null,
        build == null ? "dev" : build,
        in.clock().millis());
  }

  public String id() {
    return in.id();
  }

  /** Why this coordinator can merge nothing now; empty when it can. */
  public String trouble() {
    return connected ? in.watch().reason() : "no connection with ZooKeeper";
  }

  /** Merges that this coordinator has committed. */
  public long merges() {
    return counters.merges();
  }

  private void connection(ConnectionChange change) {
    connected = change == ConnectionChange.CONNECTED || change == ConnectionChange.RECONNECTED;
    scavenger.pause(Pause.ZOOKEEPER_AWAY, !connected);
    if (connected) {
      duties.wake();
    } else {
      LOG.warn("connection to ZooKeeper {}: no merge is committed", change);
    }
  }

  /** While the base directory is away from here nothing is merged, and another is to lead. */
  private void baseLookedAt(String reason, Candidacy candidacy) {
    scavenger.pause(Pause.BASE_AWAY, !reason.isEmpty());
    candidacy.able(reason.isEmpty());
  }

  private void workersChanged() {
    duties.membersChanged();
    if (draining) {
      scavenger.drain();
    }
  }

  private void sessionChanged(Optional<SessionRecord> session) {
    if (session.filter(in::isOurs).isEmpty()) {
      sessionOver();
    } else if (session.get().state() != SessionState.OPEN) {
      draining = true;
      scavenger.drain();
      duties.wake();
      if (session.get().state() == SessionState.CLOSED && !leads) {
        sessionOver();
      }
    }
  }

  private final class Listener implements LeadershipListener {
    @Override
    public void elected() {
      leads = true;
      duties.elected();
    }

    @Override
    public void deposed() {
      leads = false;
      duties.deposed();
    }
  }

  /** The leader has removed the session, or the others have seen that it is closed. */
  private void sessionOver() {
    if (closing.get()) {
      return;
    }
    // Another session of that name may have other parameters: merge nothing of it.
    scavenger.pause(Pause.OVER, true);
    try {
      summary = SessionSummary.read(in.disk(), in.base(), in.session(), in.created());
      end = summary.isPresent() && summary.get().isClean() ? End.CLEAN : End.IN_PART;
    } catch (IOException e) {
      LOG.warn("the session is closed but its summary cannot be read: {}", e.getMessage());
      end = End.IN_PART;
    }
    over.countDown();
  }

  private void tellStats() {
    try {
      tellStatsNow();
    } catch (TreeException e) {
      LOG.debug("statistics not told, will be tried again: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("internal error in the statistics, will be tried again", e); // or it was the last
    }
  }

  private void tellStatsNow() {
    SortedMap<String, String> notes = scavenger.notes();
    if (!in.watch().reason().isEmpty()) {
      notes.put(in.id(), in.watch().reason());
    }
    statistics.tell(notes);
  }

  /**
   * Asks for the end of the session; nothing to do when it is draining already, or gone.
   *
   * @throws TreeException when ZooKeeper does not answer, or does not let this coordinator
   */
  public void drainSession() {
    if (in.tree().session(in.session()).filter(in::isOurs).isPresent()) {
      in.tree().advance(in.session(), SessionState.OPEN, SessionState.DRAINING);
    }
  }

  /** What became of the session, once it is closed. */
  public Optional<SessionSummary> summary() {
    return summary;
  }

  /**
   * Waits until the session is closed, this coordinator's job is about to end, or {@link #close} is
   * called from another thread.
   */
  public End awaitEnd() throws InterruptedException {
    over.await();
    return end;
  }

  /**
   * Leaves: merges in flight are finished, or abandoned after some seconds, then the claims and the
   * registration are given up. Does nothing the second time.
   */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    teller.shutdownNow();
    scavenger.close();
    duties.close();
    while (!parts.isEmpty()) {
      closeQuietly(parts.pop());
    }
    closeQuietly(index);
    over.countDown();
  }

  private static void closeQuietly(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      // The port says that closing never throws; leaving must not end half-way all the same.
      LOG.warn("while leaving: {}", e.toString());
    }
  }
}
