package io.sheaf.archive;

import static io.sheaf.archive.SimulatedBase.ARCHIVE;

import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.conf.Duplicates;
import io.sheaf.conf.MergeOrder;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.HookedDisk;
import io.sheaf.disk.InDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The scenarios of the crash tests. */
final class CrashScenarios {
  private static final String W = "node7-4711-a1b2c3";
  private static final String V = "node8-4712-d4e5f6";
  private static final MergePolicy ALL = MergePolicy.simple(Duplicates.ALL);

  private CrashScenarios() {}

  static List<CrashScenario> all() {
    List<CrashScenario> all = new ArrayList<>();
    for (CommitStrategy strategy : List.of(CommitStrategy.REPLACE, CommitStrategy.IN_PLACE)) {
      addMerges(strategy, all);
    }
    all.add(scenario("first", ALL, CrashScenarios::one, CrashScenarios::merge));
    all.add(scenario("nothing-new", ALL, CrashScenarios::copies, CrashScenarios::merge));
    all.add(scenario("worker", ALL, at -> {}, CrashScenarios::worker));
    all.add(scenario("worker-at-ease", ALL, at -> {}, CrashScenarios::workerAtEase));
    all.add(scenario("worker-anew", ALL, at -> {}, CrashScenarios::workerAnew));
    all.add(scenario("salvage-in-vain", ALL, CrashScenarios::closedToo, CrashScenarios::salvage));
    all.add(scenario("quarantine-file", ALL, CrashScenarios::garbage, CrashScenarios::merge));
    all.add(scenario("mixed", ALL, CrashScenarios::mixed, CrashScenarios::mergeEach));
    all.add(
        scenario(
            "mixed-in-place",
            ALL.with(CommitStrategy.IN_PLACE),
            CrashScenarios::mixed,
            CrashScenarios::mergeEach));
    all.add(scenario("fold-beside", ALL, CrashScenarios::atRest, CrashScenarios::foldBeside));
    all.add(scenario("fold-tidy", ALL, CrashScenarios::foldedAndGoneOn, SimulatedBase::tidy));
    all.add(scenario("mixed-worker", ALL, at -> {}, CrashScenarios::mixedWorker));
    all.addAll(AdoptScenarios.all());
    all.add(scenario("appends", ALL, at -> {}, AppendScenarios::worker));
    all.add(scenario("appends-large", ALL, at -> {}, AppendScenarios::large));
    all.add(scenario("appends-cut", ALL, at -> {}, AppendScenarios::cut));
    all.add(scenario("appends-anew", ALL, at -> {}, AppendScenarios::anew));
    all.add(scenario("appends-salvage", ALL, AppendScenarios::left, AppendScenarios::salvage));
    for (Duplicates duplicates : List.of(Duplicates.ALL, Duplicates.ERROR)) {
      all.add(
          scenario(
              duplicates == Duplicates.ALL ? "again" : "again-error",
              MergePolicy.simple(duplicates),
              CrashScenarios::consumed,
              CrashScenarios::again));
    }
    return all;
  }

  private static CrashScenario scenario(
      String name, MergePolicy policy, CrashScenario.Step prepare, CrashScenario.Step run) {
    return new CrashScenario(name, policy, prepare, run);
  }

  /** Those in which an archive is there already, so that the strategy matters. */
  private static void addMerges(CommitStrategy strategy, List<CrashScenario> all) {
    MergePolicy policy = ALL.with(strategy);
    String s = strategy == CommitStrategy.REPLACE ? "" : "-in-place";
    all.add(scenario("append" + s, policy, CrashScenarios::merged, CrashScenarios::append));
    all.add(scenario("many" + s, policy, CrashScenarios::many, CrashScenarios::merge));
    for (Duplicates duplicates : Duplicates.values()) {
      all.add(
          scenario(
              "duplicates-" + duplicates.name().toLowerCase(Locale.ROOT) + s,
              MergePolicy.simple(duplicates).with(strategy),
              at -> duplicates(at, duplicates),
              CrashScenarios::merge));
    }
    for (Duplicates duplicates : List.of(Duplicates.ALL, Duplicates.ERROR)) {
      all.add(
          scenario(
              "resent-" + duplicates.name().toLowerCase(Locale.ROOT) + s,
              MergePolicy.simple(duplicates).with(strategy),
              CrashScenarios::deposited,
              at -> resent(at, duplicates)));
    }
    all.add(scenario("quarantine" + s, policy, CrashScenarios::bad, CrashScenarios::merge));
    all.add(scenario("salvage" + s, policy, CrashScenarios::torn, CrashScenarios::salvage));
    all.add(scenario("archives" + s, policy, CrashScenarios::archives, CrashScenarios::mergeEach));
    all.add(scenario("adopted" + s, policy, CrashScenarios::adopted, CrashScenarios::merge));
    all.add(
        scenario("roll" + s, policy.rolling(0, 3), CrashScenarios::many, CrashScenarios::rolled));
    for (Duplicates duplicates : List.of(Duplicates.ALL, Duplicates.ERROR)) {
      all.add(
          scenario(
              "roll-resent-" + duplicates.name().toLowerCase(Locale.ROOT) + s,
              MergePolicy.simple(duplicates).with(strategy).rolling(0, 2),
              CrashScenarios::deposited,
              CrashScenarios::resentAfterRolls));
    }
    all.add(scenario("fold" + s, policy, CrashScenarios::atRest, SimulatedBase::fold));
    all.add(
        scenario("fold-again" + s, policy, CrashScenarios::foldedAndGoneOn, SimulatedBase::fold));
    all.add(scenario("fold-merge" + s, policy, CrashScenarios::folded, CrashScenarios::foldMerge));
    all.add(
        scenario(
            "fold-roll" + s,
            policy.rolling(0, 3),
            CrashScenarios::folded,
            CrashScenarios::foldMerge));
    all.add(
        scenario(
            "sequence" + s,
            policy.with(MergeOrder.SEQUENCE, Duration.ZERO),
            CrashScenarios::outOfOrder,
            CrashScenarios::merge));
  }

  private static void one(SimulatedBase at) throws IOException {
    at.batch(ARCHIVE, W, 1, Deposit.of("a"), Deposit.of("b"));
  }

  private static void merge(SimulatedBase at) throws IOException {
    at.merge(ARCHIVE);
  }

  private static void merged(SimulatedBase at) throws IOException {
    at.batch(ARCHIVE, W, 1, Deposit.of("a"), Deposit.of("b"));
    at.merge(ARCHIVE);
  }

  /** Batches come while others are merged, as in a session. */
  private static void append(SimulatedBase at) throws IOException {
    at.batch(ARCHIVE, W, 2, Deposit.of("c"), Deposit.of("d"));
    at.merge(ARCHIVE);
    at.batch(ARCHIVE, V, 1, Deposit.of("e").sized(3), Deposit.of("f"));
    at.batch(ARCHIVE, W, 3, Deposit.of("g").sized(0));
    at.merge(ARCHIVE);
  }

  private static void many(SimulatedBase at) throws IOException {
    merged(at);
    for (int seq = 1; seq <= 4; seq++) {
      at.batch(ARCHIVE, V, seq, Deposit.of("v" + seq), Deposit.of("big" + seq).sized(1700));
      at.batch(ARCHIVE, W, seq + 1, Compression.DEFLATED, Deposit.of("w" + seq));
    }
  }

  /** An archive reaches its limit while it is merged, and once more in the next merge. */
  private static void rolled(SimulatedBase at) throws IOException {
    at.merge(ARCHIVE);
    at.batch(ARCHIVE, W, 9, Deposit.of("x"), Deposit.of("y"), Deposit.of("z"));
    at.merge(ARCHIVE);
  }

  /** A worker's batches, not closed in their order, and one that never comes. */
  private static void outOfOrder(SimulatedBase at) throws IOException {
    merged(at);
    at.batch(ARCHIVE, W, 3, Deposit.of("w3"));
    at.batch(ARCHIVE, V, 1, Deposit.of("v1"));
    at.batch(ARCHIVE, W, 2, Deposit.of("w2"));
    at.batch(ARCHIVE, W, 5, Deposit.of("w5"));
  }

  private static void duplicates(SimulatedBase at, Duplicates policy) throws IOException {
    Deposit b = Deposit.of("b");
    at.batch(ARCHIVE, W, 1, Deposit.of("a"), policy == Duplicates.LAST ? b.dropped() : b);
    at.merge(ARCHIVE);
    Deposit other = Deposit.of("b", "other b");
    Deposit copy = Deposit.of("a");
    boolean refused = policy == Duplicates.ERROR;
    at.batch(ARCHIVE, W, 2, refused ? copy.quarantined() : copy.dropped(), Deposit.of("c"));
    Deposit second =
        switch (policy) {
          case ALL -> other.as("b~2");
          case FIRST -> other.dropped();
          case LAST -> other;
          case ERROR -> other.quarantined();
        };
    at.batch(ARCHIVE, V, 1, second, Deposit.of("d"));
    at.deposits.countsDiffer();
  }

  private static void deposited(SimulatedBase at) throws IOException {
    at.batch(ARCHIVE, W, 1, Deposit.of("a").named("1"), Deposit.of("b").named("2"));
    at.merge(ARCHIVE);
  }

  /** Clients lost their connections and send deposits again: in part to a worker that dies. */
  private static void resent(SimulatedBase at, Duplicates policy) throws IOException {
    Deposit mistaken = Deposit.of("b", "other b").named("2");
    at.batch(ARCHIVE, V, 1, Deposit.of("a").named("1").dropped(), Deposit.of("c").named("3"));
    Deposit[] entries = {
      Deposit.of("c").named("3").dropped(),
      policy == Duplicates.ALL ? mistaken.as("b~2") : mistaken.quarantined(),
      Deposit.of("d").named("3")
    };
    at.deposits.add(ARCHIVE, entries);
    BatchWriter batch = at.open(ARCHIVE, W, 2, Compression.STORED);
    at.append(batch, Compression.STORED, entries);
    batch.sync();
    at.deposits.acknowledge();
    batch.abandon();
    at.salvage();
    at.merge(ARCHIVE);
  }

  /** Deposits are sent again whose archive has been rolled since, once and twice. */
  private static void resentAfterRolls(SimulatedBase at) throws IOException {
    at.batch(ARCHIVE, V, 1, Deposit.of("a").named("1").dropped(), Deposit.of("c").named("3"));
    at.merge(ARCHIVE);
    at.batch(ARCHIVE, W, 2, Deposit.of("c").named("3").dropped(), Deposit.of("d").named("3"));
    at.merge(ARCHIVE);
    at.batch(ARCHIVE, W, 3, Deposit.of("b").named("2").dropped());
    at.batch(ARCHIVE, V, 2, Deposit.of("d").named("3").dropped());
    at.merge(ARCHIVE);
  }

  private static void copies(SimulatedBase at) throws IOException {
    merged(at);
    at.batch(ARCHIVE, W, 2, Deposit.of("a").dropped());
  }

  private static void bad(SimulatedBase at) throws IOException {
    merged(at);
    Deposit bad = Deposit.of("bad").quarantined();
    at.spoil(at.batch(ARCHIVE, W, 2, Deposit.of("c"), bad, Deposit.of("d")), bad);
    garbage(at);
  }

  private static void garbage(SimulatedBase at) throws IOException {
    byte[] garbage = "no batch".getBytes(StandardCharsets.UTF_8);
    at.put(at.base.inbox(ARCHIVE).resolve("garbage.zip"), garbage);
    at.deposits.addJunk(garbage);
  }

  /** A worker that died in the middle of an entry, and one whose disk has flipped a bit. */
  private static void torn(SimulatedBase at) throws IOException {
    merged(at);
    byte[] tail = "PK\003\004 torn".getBytes(StandardCharsets.ISO_8859_1);
    at.deposits.addJunk(tail);
    leaveOpen(at, W, 2, tail, Deposit.of("c"), Deposit.of("d").sized(1300));
    Deposit bad = Deposit.of("bad").quarantined();
    at.spoil(leaveOpen(at, V, 1, new byte[0], Deposit.of("e"), bad, Deposit.of("f")), bad);
  }

  /** A batch that was written anew and closed, and what is left of the one that was broken. */
  private static void closedToo(SimulatedBase at) throws IOException {
    Path closed = at.batch(ARCHIVE, W, 1, Deposit.of("a"), Deposit.of("b"));
    byte[] torn = Arrays.copyOf(at.disk.readAll(closed), 700);
    at.put(closed.resolveSibling(closed.getFileName() + ".part"), torn);
    at.deposits.remainsMayReturn();
  }

  private static Path leaveOpen(
      SimulatedBase at, String worker, long seq, byte[] tail, Deposit... entries)
      throws IOException {
    at.deposits.add(ARCHIVE, entries);
    BatchWriter batch = at.open(ARCHIVE, worker, seq, Compression.STORED);
    at.append(batch, Compression.STORED, entries);
    Path part = at.base.inbox(ARCHIVE).resolve(worker + "-" + seq + ".zip.part");
    try (DiskFile file = at.disk.openForWrite(part)) {
      file.write(ByteBuffer.wrap(tail), file.size());
      file.sync();
    }
    at.deposits.acknowledge();
    return part;
  }

  private static void salvage(SimulatedBase at) throws IOException {
    at.salvage();
    at.merge(ARCHIVE);
  }

  private static void worker(SimulatedBase at) throws IOException {
    Deposit a = Deposit.of("a");
    Deposit b = Deposit.of("b");
    at.deposits.add(ARCHIVE, a);
    BatchWriter batch = at.open(ARCHIVE, W, 1, Compression.STORED);
    at.append(batch, Compression.STORED, a);
    batch.sync();
    at.deposits.acknowledge();
    at.deposits.add(ARCHIVE, b);
    at.append(batch, Compression.STORED, b);
    batch.seal();
    at.deposits.acknowledge();
    at.merge(ARCHIVE);
  }

  /** A worker that promises nothing before a batch is closed. */
  private static void workerAtEase(SimulatedBase at) throws IOException {
    Deposit a = Deposit.of("a");
    at.deposits.add(ARCHIVE, a);
    BatchWriter batch = at.open(ARCHIVE, W, 1, Compression.STORED, false);
    at.append(batch, Compression.STORED, a);
    batch.seal();
    at.deposits.acknowledge();
    at.merge(ARCHIVE);
  }

  /** A worker whose disk fails to sync a batch, and that writes it anew. */
  private static void workerAnew(SimulatedBase at) throws IOException {
    boolean[] failed = new boolean[1];
    Disk failing =
        HookedDisk.of(
            at.disk,
            call -> {
              if (!failed[0] && call.is("sync")) {
                failed[0] = true;
                throw new IOException("Input/output error");
              }
              return call.proceed();
            });
    SimulatedBase worker = at.on(failing);
    at.deposits.remainsMayReturn();
    Deposit a = Deposit.of("a");
    at.deposits.add(ARCHIVE, a);
    BatchWriter batch = worker.open(ARCHIVE, W, 1, Compression.STORED);
    worker.append(batch, Compression.STORED, a);
    try {
      batch.seal();
      throw new AssertionError("sealed without a sync");
    } catch (IOException e) {
      batch.seal();
    }
    at.deposits.acknowledge();
    at.merge(ARCHIVE);
  }

  private static void consumed(SimulatedBase at) throws IOException {
    Path batch = at.batch(ARCHIVE, W, 1, Deposit.of("a"), Deposit.of("b"));
    byte[] bytes = at.disk.readAll(batch);
    at.merge(ARCHIVE);
    at.put(at.base.root().resolve("kept-elsewhere"), bytes);
    at.batch(ARCHIVE, V, 1, Deposit.of("c"));
  }

  /** A batch that was merged is copied to the inbox again, twice. */
  private static void again(SimulatedBase at) throws IOException {
    byte[] bytes = at.disk.readAll(at.base.root().resolve("kept-elsewhere"));
    Path inbox = at.base.inbox(ARCHIVE);
    at.put(inbox.resolve(W + "-1.zip"), bytes);
    at.merge(ARCHIVE);
    at.put(inbox.resolve("copied.zip"), bytes);
    at.merge(ARCHIVE);
  }

  private static void archives(SimulatedBase at) throws IOException {
    at.batch("a.zip", W, 1, Deposit.of("in a"));
    at.batch(ARCHIVE, W, 1, Deposit.of("in b"));
    at.merge(ARCHIVE);
    at.batch(ARCHIVE, W, 2, Deposit.of("in b too"));
    at.batch(ARCHIVE, V, 1, Deposit.of("in b as well"));
    for (int n = 1; n <= 3; n++) {
      at.batch("c/d/e.zip", W, n, Deposit.of("in e, " + n));
    }
  }

  /** Batches of several archives, one of them of all. */
  private static void mixed(SimulatedBase at) throws IOException {
    at.batch("a.zip", V, 1, Deposit.of("a"));
    at.merge("a.zip");
    at.mixedBatch(W, 1, 1, "a.zip", ARCHIVE, "c/d/e.zip");
    at.mixedBatch(W, 2, 2, ARCHIVE, "a.zip");
    at.batch(ARCHIVE, W, 3, Deposit.of("b"));
  }

  /** A worker that closes one batch of several archives, and dies over the next. */
  private static void mixedWorker(SimulatedBase at) throws IOException {
    at.mixedBatch(W, 1, 1, "a.zip", ARCHIVE);
    at.merge(ARCHIVE);
    BatchWriter batch = at.appendMixed(W, 2, 2, ARCHIVE, "a.zip");
    batch.sync();
    at.deposits.acknowledge();
    batch.abandon();
    at.salvage();
    at.merge("a.zip");
    at.merge(ARCHIVE);
  }

  private static void mergeEach(SimulatedBase at) throws IOException {
    at.merge("a.zip");
    at.merge(ARCHIVE);
    at.merge("c/d/e.zip");
  }

  /** Archives that were merged, with nothing pending. */
  private static void atRest(SimulatedBase at) throws IOException {
    at.batch("a.zip", W, 1, Deposit.of("in a"));
    at.batch("c/d/e.zip", W, 1, Deposit.of("in e"));
    merged(at);
    at.merge("a.zip");
    at.merge("c/d/e.zip");
  }

  private static void folded(SimulatedBase at) throws IOException {
    atRest(at);
    at.tidy();
  }

  /** One archive was merged again since its ledger was folded. */
  private static void foldedAndGoneOn(SimulatedBase at) throws IOException {
    folded(at);
    at.batch(ARCHIVE, W, 2, Deposit.of("c"), Deposit.of("d"));
    at.merge(ARCHIVE);
  }

  private static void foldMerge(SimulatedBase at) throws IOException {
    at.batch(ARCHIVE, V, 1, Deposit.of("v"), Deposit.of("w"));
    at.merge(ARCHIVE);
    at.fold();
    at.batch(ARCHIVE, V, 2, Deposit.of("x"));
    at.merge(ARCHIVE);
    at.tidy();
  }

  /** While ledgers are folded one archive commits, and another one is in the middle of a merge. */
  private static void foldBeside(SimulatedBase at) throws IOException {
    at.batch("a.zip", V, 1, Deposit.of("v in a"));
    at.batch(ARCHIVE, V, 1, Deposit.of("v"));
    boolean[] done = new boolean[2];
    Disk folding =
        HookedDisk.of(
            at.disk,
            call -> {
              if (!done[0] && call.is("sync")) {
                done[0] = true;
                at.merge("a.zip");
              }
              return call.proceed();
            });
    Disk merging =
        HookedDisk.of(
            at.disk,
            call -> {
              if (!done[1] && call.is("rename") && call.path().toString().endsWith(".zip.new")) {
                done[1] = true;
                at.on(folding).fold();
              }
              return call.proceed();
            });
    try (DiskLock claim = InDirectory.tryLock(at.disk, at.base.lock(ARCHIVE)).orElseThrow()) {
      at.on(merging).merge(ARCHIVE);
      claim.ensureValid();
    }
  }

  /** An archive that was there before Sheaf. */
  private static void adopted(SimulatedBase at) throws IOException {
    merged(at);
    at.disk.delete(at.base.ledger(ARCHIVE));
    at.batch(ARCHIVE, V, 1, Deposit.of("c"));
    at.deposits.countsDiffer();
  }
}
