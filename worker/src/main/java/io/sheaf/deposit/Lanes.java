package io.sheaf.deposit;

import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.MixedPart;
import io.sheaf.batch.OpenListing;
import io.sheaf.batch.Target;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.disk.Disk;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.DepositId;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a worker's deposits become batches. Each archive has a lane in which its small entries are
 * written in order, group by group, to a batch of its own or to one that it shares with others;
 * entries that are large or of unknown length are written by {@link #stream} to a batch that they
 * have alone. Batches are closed by age, length and number of entries, sealed on threads of their
 * own, and handed on.
 */
public final class Lanes implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Lanes.class);

  /** Entries up to this size may be kept in memory as a whole. */
  public static final int SMALL = 1 << 20;

  private static final int THREADS = 4;

  /** What a queued entry takes besides its contents, about. */
  private static final int OVERHEAD = 256;

  private final LaneOptions options;
  private final Quotas quotas;
  private final Clock clock;
  private final Sealer sealer;
  private final BatchPool pool;
  private final GroupWriter writer;
  private final MixedLane mixed;
  private final MemoryBudget memory;
  private final Semaphore linkMemory;
  private final SpareBlocks spareBlocks = new SpareBlocks();
  private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
  private final Queue<Lane> ready = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(THREADS, Threads.named("sheaf-lane"));
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(Threads.named("sheaf-rotate"));
  private final Admission admission = new Admission();
  private final LongAdder deposits = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final AtomicLong queued = new AtomicLong();
  private final AppendStreams appends;

  /**
   * @param sealed gets each batch when it is durable under its final name; must not wait
   */
  public Lanes(
      Disk disk,
      BaseDirectory base,
      String session,
      String worker,
      LaneOptions options,
      Clock clock,
      Consumer<PendingBatch> sealed) {
    this(disk, base, session, worker, options, Quotas.none(), clock, sealed);
  }

  /** As above, within quotas. */
  public Lanes(
      Disk disk,
      BaseDirectory base,
      String session,
      String worker,
      LaneOptions options,
      Quotas quotas,
      Clock clock,
      Consumer<PendingBatch> sealed) {
    this.options = options;
    this.quotas = quotas;
    this.clock = clock;
    this.sealer = new Sealer(sealed);
    this.pool = new BatchPool(disk, base, session, worker, options, clock, sealer);
    this.writer = new GroupWriter(pool, this, options);
    this.mixed = new MixedLane(pool, this, writer);
    this.memory = new MemoryBudget(options.memoryLimit());
    this.linkMemory = new Semaphore((int) Math.min(LinkWindow.BYTES, options.memoryLimit() / 4));
    this.appends = new AppendStreams(disk, base, worker, this, AppendLogs.Limits.DEFAULT, clock);
    startTicker();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // It never ends by itself.
  private void startTicker() {
    ticker.scheduleWithFixedDelay(
        () -> {
          try {
            tick();
          } catch (RuntimeException | OutOfMemoryError e) {
            log.error("rotation failed, trying again in a second", e);
          }
        },
        1,
        1,
        TimeUnit.SECONDS);
  }

  /** As the longest of these, of this user: a plain file without an id. */
  public void submit(
      Target target,
      long modified,
      ByteBuffer contents,
      @Nullable Durability durability,
      Receipt receipt) {
    submit(target, Owners.self(), modified, contents, durability, receipt);
  }

  /** As the longest of these: a plain file without an id. */
  public void submit(
      Target target,
      int uid,
      long modified,
      ByteBuffer contents,
      @Nullable Durability durability,
      Receipt receipt) {
    submit(target, uid, modified, null, null, contents, durability, receipt);
  }

  /**
   * Queues an entry of at most {@link #SMALL} bytes. It is written after the next {@link #kick}; so
   * many can be queued first and then be written together. The contents must not change before the
   * receipt is done.
   *
   * @param target that was checked
   * @param uid of whoever deposits it
   * @param modified milliseconds since the epoch, or {@link DepositOptions#NOW}
   * @param given mode and owner; null for what the name implies
   * @param id of the deposit, if it has one
   * @param durability null for the default
   */
  public void submit(
      Target target,
      int uid,
      long modified,
      @Nullable Attributes given,
      @Nullable DepositId id,
      ByteBuffer contents,
      @Nullable Durability durability,
      Receipt receipt) {
    int length = contents.remaining();
    Attributes attributes = EntryKinds.attributes(target.entry(), given);
    QuotaCharge charge;
    try {
      charge = enter(target, uid, attributes, length);
    } catch (DepositException e) {
      failed.increment();
      receipt.done(e);
      receipt.groupDone();
      return;
    }
    Durability wanted = durability == null ? options.durability() : durability;
    boolean answerNow = wanted == Durability.NONE;
    ByteBuffer kept = answerNow ? copy(contents) : contents;
    memory.charge(length + OVERHEAD);
    queued.incrementAndGet();
    Lane lane = laneFor(target);
    if (lane.add(
        new LaneEntry(
            lane.archive(),
            target.entry(),
            time(modified),
            attributes,
            id,
            kept,
            length,
            wanted,
            charge,
            receipt,
            null))) {
      ready.add(lane);
    }
    if (answerNow) {
      receipt.done(null);
      receipt.groupDone();
    }
  }

  /** Lets a deposit in, or counts it as failed. */
  private QuotaCharge enter(Target target, int uid, Attributes attributes, long size)
      throws DepositException {
    EntryKinds.check(target.entry(), attributes, size, options.symlinks());
    if (size >= 0) {
      checkSize(size);
    }
    admission.enter();
    boolean within = false;
    try {
      QuotaCharge charge = quotas.begin(target.archive(), uid, Math.max(0, size));
      within = true;
      return charge;
    } finally {
      if (!within) {
        admission.leave(1);
      }
    }
  }

  /**
   * Refuses an entry, before its contents are there, that no quota holds.
   *
   * @param size of the contents, or {@link DepositOptions#UNKNOWN}
   * @throws DepositException NO_SPACE
   */
  public void checkQuota(Target target, int uid, long size) throws DepositException {
    quotas.check(target.archive(), uid, Math.max(0, size));
  }

  /**
   * Refuses an entry, before its contents are there, for its kind.
   *
   * @param given mode and owner; null for what the name implies
   * @param size of the contents, or {@link DepositOptions#UNKNOWN}
   * @throws DepositException REFUSED
   */
  public void checkKind(Target target, @Nullable Attributes given, long size)
      throws DepositException {
    Attributes attributes = EntryKinds.attributes(target.entry(), given);
    EntryKinds.check(target.entry(), attributes, size, options.symlinks());
  }

  /** Has everything written that was submitted. */
  public void kick() {
    for (Lane lane = ready.poll(); lane != null; lane = ready.poll()) {
      lane.start();
    }
  }

  /**
   * As {@link #kick}, but what was submitted for one archive is written by this thread, which waits
   * for the disk, unless another is at it or it becomes a part of a batch of several.
   */
  void write(String archive) {
    for (Lane lane = ready.poll(); lane != null; lane = ready.poll()) {
      if (lane.archive().archive().equals(archive)) {
        lane.startHere();
      } else {
        lane.start();
      }
    }
  }

  void execute(Runnable lane) {
    threads.execute(lane);
  }

  /** As the longest of these, of this user: a plain file without an id. */
  public EntryStream stream(
      Target target, long modified, long size, @Nullable Durability durability)
      throws DepositException {
    return stream(target, Owners.self(), modified, size, durability);
  }

  /** As the longest of these: a plain file without an id. */
  public EntryStream stream(
      Target target, int uid, long modified, long size, @Nullable Durability durability)
      throws DepositException {
    return stream(target, uid, modified, null, null, size, durability);
  }

  /**
   * Begins an entry of any size, in a batch of its own for as long as it lasts. Waits for the disk.
   *
   * @param uid of whoever deposits it
   * @param given mode and owner; null for what the name implies
   * @param id of the deposit, if it has one
   * @param size of the contents, or {@link DepositOptions#UNKNOWN}
   */
  public EntryStream stream(
      Target target,
      int uid,
      long modified,
      @Nullable Attributes given,
      @Nullable DepositId id,
      long size,
      @Nullable Durability durability)
      throws DepositException {
    Attributes attributes = EntryKinds.attributes(target.entry(), given);
    QuotaCharge charge;
    try {
      charge = enter(target, uid, attributes, size);
    } catch (DepositException e) {
      failed.increment();
      throw e;
    }
    EntryStream stream =
        new EntryStream(
            this,
            pool,
            laneFor(target).archive(),
            target.entry(),
            attributes,
            id,
            size,
            charge,
            durability == null ? options.durability() : durability);
    stream.begin(time(modified));
    return stream;
  }

  /** The logs that clients append to. */
  public AppendStreams appends() {
    return appends;
  }

  /**
   * Lets a log in; {@link #leave} ends it.
   *
   * @return its charge, with one entry and no bytes
   */
  QuotaCharge beginLog(LogRequest request) throws DepositException {
    try {
      Target target = request.target();
      Attributes attributes = EntryKinds.attributes(target.entry(), request.attributes());
      EntryKinds.check(target.entry(), attributes, -1, false);
      if (attributes.kind() != Attributes.REGULAR) {
        throw new DepositException(Kind.REFUSED, "a log can only be a file");
      }
      if (!request.rule().isNone()) {
        Target.checkEntry(SegmentRule.nameOf(target.entry(), Integer.MAX_VALUE));
      }
      return enter(target, request.uid(), Attributes.FILE, 0);
    } catch (BadTargetException e) {
      failed.increment();
      throw new DepositException(Kind.REFUSED, Failures.oneLine(e), e);
    } catch (DepositException e) {
      failed.increment();
      throw e;
    }
  }

  ArchiveBatches batchesOf(Target target) {
    return laneFor(target).archive();
  }

  Durability defaultDurability() {
    return options.durability();
  }

  /** Queues an entry whose contents are in an append log too, and which is let in and charged. */
  void submitKept(
      AppendSegment segment,
      long modified,
      ByteBuffer contents,
      Durability durability,
      Receipt receipt)
      throws DepositException {
    Lane lane = laneFor(targetOf(segment));
    int length = contents.remaining();
    admission.enterToo();
    memory.charge(length + OVERHEAD);
    queued.incrementAndGet();
    if (lane.add(
        new LaneEntry(
            lane.archive(),
            segment.head.entry(),
            modified,
            segment.head.attributes(),
            segment.id(),
            contents,
            length,
            durability,
            QuotaCharge.none(),
            receipt,
            segment))) {
      ready.add(lane);
    }
  }

  /** As {@link #submitKept}, for a large entry. */
  EntryStream streamKept(AppendSegment segment, long modified, long size, Durability durability)
      throws DepositException {
    admission.enterToo();
    EntryStream stream =
        new EntryStream(
            this,
            pool,
            laneFor(targetOf(segment)).archive(),
            segment.head.entry(),
            segment.head.attributes(),
            segment.id(),
            size,
            QuotaCharge.none(),
            durability);
    stream.begin(modified, segment);
    return stream;
  }

  private static Target targetOf(AppendSegment segment) {
    return new Target(segment.head.archive(), segment.head.entry());
  }

  /** Work on the disk that a thread of another may ask for. */
  interface DiskWork<T> {
    T run() throws DepositException;
  }

  /**
   * Runs it on a thread of the lanes and waits. The caller's thread could be interrupted, and an
   * interrupt closes the file that a thread is writing to.
   */
  <T> T onDiskThread(DiskWork<T> work) throws DepositException {
    CompletableFuture<T> result = new CompletableFuture<>();
    threads.execute(
        () -> {
          try {
            result.complete(work.run());
          } catch (Throwable e) { // Whoever waits must hear of it, whatever it is.
            result.completeExceptionally(e);
          }
        });
    try {
      return result.join(); // Goes on waiting when it is interrupted.
    } catch (CompletionException e) {
      if (e.getCause() instanceof DepositException failure) {
        throw failure;
      }
      throw e;
    }
  }

  private Lane lane(String archive) {
    Lane known = lanes.get(archive);
    return known != null
        ? known
        : lanes.computeIfAbsent(
            archive, name -> new Lane(new ArchiveBatches(name), pool, this, mixed, writer));
  }

  private Lane laneFor(Target target) {
    Lane lane = lane(target.archive());
    if (!MixedPart.fits(target.archive(), target.entry())) {
      lane.archive().requireOwn();
    }
    return lane;
  }

  private long time(long modified) {
    return modified == DepositOptions.NOW ? clock.millis() : modified;
  }

  private static ByteBuffer copy(ByteBuffer contents) {
    ByteBuffer copy = ByteBuffer.allocate(contents.remaining());
    return copy.put(contents.duplicate()).flip();
  }

  /** A group of a lane is done. */
  void finish(List<LaneEntry> group, @Nullable DepositException failure) {
    long total = 0;
    for (LaneEntry entry : group) {
      total += entry.length();
    }
    for (LaneEntry entry : group) {
      if (entry.durability() != Durability.NONE) {
        entry.receipt().done(failure);
      } else if (failure != null) {
        lose(entry.archive().archive(), entry.name(), failure);
      }
    }
    count(group.size(), total, failure);
    queued.addAndGet(-group.size());
    memory.release(total + (long) group.size() * OVERHEAD);
    for (LaneEntry entry : group) {
      if (entry.durability() != Durability.NONE) {
        entry.receipt().groupDone();
      }
    }
    admission.leave(group.size());
  }

  private void lose(String archive, String name, DepositException failure) {
    lost.increment();
    log.error(
        "{}/{} was deposited with durability none and is lost: {}",
        archive,
        name,
        failure.getMessage());
  }

  /** Ends what {@link #stream} began. */
  void leave() {
    admission.leave(1);
  }

  /** Counts what ended. */
  void count(long entries, long contents, @Nullable DepositException failure) {
    if (failure == null) {
      deposits.add(entries);
      bytes.add(contents);
    } else {
      failed.add(entries);
    }
  }

  /**
   * Refuses an entry for its size.
   *
   * @throws DepositException TOO_LARGE for an entry that would have more bytes than are allowed
   */
  public void checkSize(long size) throws DepositException {
    if (options.maxEntryBytes() > 0 && size > options.maxEntryBytes()) {
      throw new DepositException(
          Kind.TOO_LARGE,
          "the entry is larger than max_entry_bytes, which is " + options.maxEntryBytes());
    }
  }

  static DepositException conflict() {
    return new DepositException(
        Kind.CONFLICT, "an open batch has an entry of that name, and duplicates=error");
  }

  boolean isUnique() {
    return options.uniqueNames();
  }

  boolean isDurableByDefault() {
    return options.durability() == Durability.FSYNC;
  }

  public MemoryBudget memory() {
    return memory;
  }

  /** That durability, but not none: for who must know when contents have left memory. */
  Durability atLeastWritten(@Nullable Durability durability) {
    Durability wanted = durability == null ? options.durability() : durability;
    return wanted == Durability.NONE ? Durability.WRITE : wanted;
  }

  /** Bytes that tar streams may keep for hard links, all together. */
  Semaphore linkMemory() {
    return linkMemory;
  }

  /** For tar streams, which take their blocks from here. */
  SpareBlocks spareBlocks() {
    return spareBlocks;
  }

  /**
   * The id that a client's name for a deposit stands for.
   *
   * @throws DepositException REFUSED when it is no such name
   */
  public static DepositId id(String name) throws DepositException {
    if (!DepositId.isName(name)) {
      throw new DepositException(
          Kind.REFUSED,
          "the id of a deposit must have 1 to " + DepositId.MAX_LENGTH + " of A-Z a-z 0-9 . _ -");
    }
    return DepositId.of(name);
  }

  /** Closes the batches that have been open for long enough. Called every second. */
  public void tick() {
    pool.retireAged();
    appends.tick();
  }

  /** From now on deposits fail as UNAVAILABLE with this reason, except those that were let in. */
  public void refuse(String reason) {
    admission.refuse(reason);
  }

  /**
   * Until this is called with nothing, deposits fail as UNAVAILABLE with this reason, except those
   * that were let in. What is in open batches stays there.
   */
  public void pause(String reason) {
    admission.pause(reason);
  }

  /** Why deposits are refused; empty while they are taken. */
  public String refusing() {
    return admission.reason();
  }

  /** After {@link #refuse}: waits for the deposits that were let in; false when time ran out. */
  public boolean awaitQuiet(Duration timeout) {
    kick();
    return admission.awaitNone(timeout);
  }

  /**
   * Closes all batches and waits until they are sealed, those too that a deposit still holds; false
   * when time ran out.
   */
  public boolean flush(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    pool.retireAll();
    return pool.awaitEmpty(timeout)
        && sealer.awaitAll(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
  }

  /** On which the batches are. */
  public Disk disk() {
    return pool.disk();
  }

  /** What is not sealed yet and has, or may have, something of an archive. */
  public List<OpenListing> unsealed(String archive) {
    List<OpenListing> found = new ArrayList<>();
    // In the order in which batches go on, so that none is missed.
    pool.open(archive).forEach(batch -> found.add(batch.listing()));
    sealer.unsealed().stream()
        .filter(batch -> isOf(batch, archive))
        .forEach(batch -> found.add(batch.listing()));
    return found;
  }

  private static boolean isOf(BatchWriter batch, String archive) {
    String of = batch.origin().archive();
    return of.equals(archive) || of.equals(Manifest.MIXED);
  }

  /**
   * Closes batches and waits until they are sealed and handed on; a deposit that holds one is
   * waited for.
   *
   * @param archive of which they have something; null for all
   * @return what is published of them; empty when time ran out, and all goes on
   */
  public Optional<List<PendingBatch>> seal(@Nullable String archive, Duration timeout) {
    kick();
    long deadline = System.nanoTime() + timeout.toNanos();
    Set<BatchWriter> batches = new LinkedHashSet<>();
    batches.addAll(archive == null ? pool.open() : pool.open(archive));
    sealer.unsealed().stream()
        .filter(batch -> archive == null || isOf(batch, archive))
        .forEach(batches::add);
    if (archive == null) {
      pool.retireAll();
    } else {
      pool.retire(archive);
    }
    boolean sealed =
        pool.awaitGone(batches, timeout)
            && sealer.awaitGone(
                batches, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
    return sealed
        ? Optional.of(batches.stream().flatMap(batch -> batch.published().stream()).toList())
        : Optional.empty();
  }

  public LaneStatus status() {
    return new LaneStatus(
        admission.reason(),
        deposits.sum(),
        bytes.sum(),
        failed.sum(),
        lost.sum(),
        queued.get(),
        memory.used(),
        pool.size(),
        sealer.waiting(),
        sealer.sealed(),
        sealer.failures());
  }

  /**
   * Ends the threads. Batches still open, or not sealed, stay behind as they are, for salvage: call
   * {@link #refuse}, {@link #awaitQuiet} and {@link #flush} before.
   */
  @Override
  public void close() {
    admission.refuse("the worker has stopped");
    ticker.shutdown();
    threads.shutdown();
    sealer.stop();
    appends.close();
  }
}
