package io.sheaf.archive;

import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.conf.Duplicates;
import io.sheaf.conf.MergeOrder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A scenario made up by chance: workers close batches of one archive and of several, or die over
 * them, coordinators merge and salvage, under one policy or another. All names differ.
 */
final class RandomScenario {
  private static final String PREFIX = "random-";
  private static final List<String> ARCHIVES = List.of("a.zip", SimulatedBase.ARCHIVE, "c/d/e.zip");
  private static final List<String> WORKERS = List.of("node7-4711-a1b2c3", "node8-4712-d4e5f6");
  private static final int MOST_ENTRIES = 3;

  private final SplittableRandom random;
  private final Map<String, Long> sequences = new HashMap<>();
  private final int archives;
  private int names;

  private RandomScenario(long seed) {
    random = new SplittableRandom(seed);
    archives = 1 + random.nextInt(ARCHIVES.size());
  }

  /** The same for the same seed. */
  static CrashScenario of(long seed) {
    RandomScenario made = new RandomScenario(seed);
    MergePolicy policy = made.policy();
    List<CrashScenario.Step> prepare = new ArrayList<>();
    for (int n = made.random.nextInt(5); n > 0; n--) {
      prepare.add(made.random.nextInt(4) == 0 ? made.damaged() : made.step());
    }
    List<CrashScenario.Step> run = new ArrayList<>();
    for (int n = 2 + made.random.nextInt(3); n > 0; n--) {
      run.add(made.step());
    }
    run.add(made::mergeAll);
    return new CrashScenario(PREFIX + seed, policy, all(prepare), all(run));
  }

  /** The scenarios in which a state of this name can be found. */
  static List<CrashScenario> havingState(String state) {
    String scenario = state.substring(0, state.indexOf('@'));
    return scenario.startsWith(PREFIX)
        ? List.of(of(Long.parseLong(scenario.substring(PREFIX.length()))))
        : CrashScenarios.all();
  }

  private static CrashScenario.Step all(List<CrashScenario.Step> steps) {
    return at -> {
      for (CrashScenario.Step step : steps) {
        step.in(at);
      }
    };
  }

  private MergePolicy policy() {
    MergePolicy policy =
        MergePolicy.simple(Duplicates.ALL)
            .with(random.nextBoolean() ? CommitStrategy.REPLACE : CommitStrategy.IN_PLACE);
    policy = random.nextInt(3) == 0 ? policy.rolling(0, 2 + random.nextInt(4)) : policy;
    return random.nextInt(3) == 0 ? policy.with(MergeOrder.SEQUENCE, Duration.ZERO) : policy;
  }

  private CrashScenario.Step step() {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> batch();
      case 3, 4 -> merge();
      case 5 -> mixed();
      case 6 -> open();
      case 7 -> SimulatedBase::fold;
      case 8 -> SimulatedBase::tidy;
      default -> SimulatedBase::salvage;
    };
  }

  private CrashScenario.Step batch() {
    String archive = archive();
    String worker = worker();
    long seq = next(worker, archive);
    Compression compression = random.nextBoolean() ? Compression.STORED : Compression.DEFLATED;
    Deposit[] entries = entries();
    return at -> at.batch(archive, worker, seq, compression, entries);
  }

  private CrashScenario.Step merge() {
    String archive = archive();
    return at -> at.merge(archive);
  }

  private void mergeAll(SimulatedBase at) throws IOException {
    at.salvage();
    for (String archive : ARCHIVES.subList(0, archives)) {
      at.merge(archive);
    }
  }

  private CrashScenario.Step mixed() {
    String worker = worker();
    long number = ++names;
    String[] into = ARCHIVES.subList(0, archives).toArray(String[]::new);
    long seq = 0;
    for (String archive : into) {
      seq = Math.max(seq, next(worker, archive));
    }
    for (String archive : into) {
      sequences.put(worker + archive, seq);
    }
    long parts = seq;
    return at -> at.mixedBatch(worker, number, parts, into);
  }

  /** A worker that dies over a batch. */
  private CrashScenario.Step open() {
    String archive = archive();
    String worker = worker();
    long seq = next(worker, archive);
    Deposit[] entries = entries();
    return at -> {
      at.deposits.add(archive, entries);
      BatchWriter batch = at.open(archive, worker, seq, Compression.STORED);
      at.append(batch, Compression.STORED, entries);
      batch.sync();
      at.deposits.acknowledge();
      batch.abandon();
    };
  }

  /** A batch with an entry that is not as it was deposited, or a file that is none. */
  private CrashScenario.Step damaged() {
    String archive = archive();
    String worker = worker();
    long seq = next(worker, archive);
    Deposit bad = Deposit.of("bad " + ++names).quarantined();
    byte[] garbage = ("no batch " + names).getBytes(StandardCharsets.UTF_8);
    if (random.nextBoolean()) {
      return at -> {
        at.put(at.base.inbox(archive).resolve("garbage" + seq + ".zip"), garbage);
        at.deposits.addJunk(garbage);
      };
    }
    Deposit good = entries()[0];
    return at -> spoilt(at, archive, worker, seq, good, bad);
  }

  private static void spoilt(
      SimulatedBase at, String archive, String worker, long seq, Deposit good, Deposit bad)
      throws IOException {
    Path batch = at.batch(archive, worker, seq, good, bad);
    at.spoil(batch, bad);
  }

  private Deposit[] entries() {
    Deposit[] entries = new Deposit[1 + random.nextInt(MOST_ENTRIES)];
    for (int i = 0; i < entries.length; i++) {
      Deposit entry = Deposit.of("entry " + ++names);
      entries[i] = random.nextInt(3) == 0 ? entry.sized(random.nextInt(3000)) : entry;
    }
    return entries;
  }

  private long next(String worker, String archive) {
    return sequences.merge(worker + archive, 1L, Long::sum);
  }

  private String archive() {
    return ARCHIVES.get(random.nextInt(archives));
  }

  private String worker() {
    return WORKERS.get(random.nextInt(WORKERS.size()));
  }
}
