package io.sheaf.archive;

import io.sheaf.disk.Crash;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SimulatedDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/**
 * Crashes scenarios after each of their operations, and recoveries after each of theirs, and asks
 * the oracle once a recovery came to its end.
 *
 * <p>A state is named {@code scenario@operation/crash@operation/crash…}, each further pair a crash
 * in the recovery from the one before; from its name alone it can be made again.
 */
final class CrashSweep {
  /** So many crashes follow one another at most. */
  private static final int DEPTH = 4;

  /** After so many crashes that bring nothing new no more are tried. */
  private static final int FRUITLESS = 5_000;

  private final List<Recorded> scenarios = new ArrayList<>();
  private final UnaryOperator<Disk> machine;
  private final SplittableRandom random;
  private final Set<Long> seen = new HashSet<>();
  private long states;
  private long repeated;

  /**
   * @param machine what stands between Sheaf and the disk
   */
  CrashSweep(List<CrashScenario> scenarios, UnaryOperator<Disk> machine, long seed)
      throws IOException {
    this.machine = machine;
    this.random = new SplittableRandom(seed);
    for (CrashScenario scenario : scenarios) {
      this.scenarios.add(record(scenario));
    }
  }

  /**
   * A disk as it was right after an operation.
   *
   * @param acknowledged so many deposits were, then
   */
  record Moment(int operation, String what, SimulatedDisk disk, int acknowledged) {}

  /** A scenario, and the disk after each of its operations. */
  record Recorded(CrashScenario scenario, Deposits deposits, List<Moment> moments) {}

  /** A crashed disk, and how it came about. */
  private record State(Recorded in, String id, String after, SimulatedDisk disk, int acknowledged) {
    @Override
    public String toString() {
      return id + " (after " + after + ")";
    }
  }

  private Recorded record(CrashScenario scenario) throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Deposits deposits = new Deposits();
    SimulatedBase at = new SimulatedBase(disk, scenario.policy(), deposits);
    disk.createDirectories(at.base.root());
    scenario.prepare().in(at);
    disk.syncAll();
    SimulatedDisk start = disk.snapshot();
    SimulatedBase run = at.on(machine.apply(start));
    List<Moment> moments = moments(start, deposits, () -> scenario.run().in(run));
    return new Recorded(scenario, deposits, moments);
  }

  private interface Action {
    void run() throws IOException;
  }

  /** The disk before an action, and after each operation of it. */
  private static List<Moment> moments(SimulatedDisk disk, Deposits deposits, Action action)
      throws IOException {
    List<Moment> moments = new ArrayList<>();
    int first = disk.operations();
    moments.add(new Moment(0, "start", disk.snapshot(), deposits.acknowledged()));
    disk.observe(
        (operation, what) ->
            moments.add(
                new Moment(operation - first, what, disk.snapshot(), deposits.acknowledged())));
    // What is acknowledged after an operation is so before the next.
    deposits.onAcknowledge(
        () -> {
          Moment last = moments.get(moments.size() - 1);
          moments.set(
              moments.size() - 1,
              new Moment(last.operation(), last.what(), last.disk(), deposits.acknowledged()));
        });
    try {
      action.run();
    } finally {
      disk.observe((operation, what) -> {});
      deposits.onAcknowledge(() -> {});
    }
    return moments;
  }

  List<Recorded> scenarios() {
    return scenarios;
  }

  /** How many crashed disks were recovered, no two of them the same. */
  long states() {
    return states;
  }

  /** How many more crashes led to a disk that had been recovered already. */
  long repeated() {
    return repeated;
  }

  /** Every operation, with every power failure that has no chance in it, and one that has. */
  void everyOperation() {
    for (Recorded in : scenarios) {
      for (Moment moment : in.moments()) {
        for (Crash crash : certain(moment)) {
          recover(state(in, moment, crash));
        }
        recover(state(in, moment, random(moment)));
      }
    }
  }

  private static List<Crash> certain(Moment moment) {
    List<Crash> crashes = new ArrayList<>(Crash.pure());
    for (int operation : moment.disk().unsynced()) {
      crashes.add(Crash.without(operation));
      crashes.add(Crash.only(operation));
    }
    return crashes;
  }

  /**
   * Every operation, and every operation of the recovery from it: first a process dies or the power
   * fails, then the power fails.
   */
  void everyOperationOfRecoveries() {
    for (Recorded in : scenarios) {
      for (Moment moment : in.moments()) {
        crashRecovery(state(in, moment, Crash.OF_PROCESS));
        crashRecovery(state(in, moment, random(moment)));
      }
    }
  }

  private void crashRecovery(State state) {
    for (Moment moment : recover(state)) {
      recover(state(state, moment, Crash.parse("none-kept")));
      recover(state(state, moment, random(moment)));
      for (int operation : moment.disk().unsynced()) {
        recover(state(state, moment, Crash.without(operation)));
      }
    }
  }

  /**
   * What a scenario has returned is durable: after a power failure at its end all is in its place
   * before anything is recovered.
   */
  void everythingReturned() {
    for (Recorded in : scenarios) {
      Moment last = in.moments().get(in.moments().size() - 1);
      for (Crash crash : certain(last)) {
        State state = state(in, last, crash);
        judged(state, () -> check(state, oracle(state).lost()));
      }
    }
  }

  /**
   * Crashes by chance, in recoveries of recoveries too, until there are so many states; or until
   * chance brings nothing new any more.
   */
  void byChance(long wanted) {
    long last = repeated;
    while (states < wanted && repeated - last < FRUITLESS) {
      long before = states;
      for (Recorded in : scenarios) {
        Moment moment = busier(in.moments());
        State state = state(in, moment, chance(moment));
        List<Moment> recovery = recover(state);
        for (int depth = 1; depth < DEPTH && !recovery.isEmpty(); depth++) {
          moment = busier(recovery);
          state = state(state, moment, chance(moment));
          recovery = recover(state);
        }
      }
      last = states > before ? repeated : last;
    }
  }

  /** Where more is not synced, there are more ways to crash. */
  private Moment busier(List<Moment> moments) {
    Moment one = moments.get(random.nextInt(moments.size()));
    Moment other = moments.get(random.nextInt(moments.size()));
    return one.disk().unsynced().size() > other.disk().unsynced().size() ? one : other;
  }

  private Crash chance(Moment moment) {
    return random.nextInt(4) == 0 ? Crash.OF_PROCESS : random(moment);
  }

  private Crash random(Moment moment) {
    int operation = moment.disk().operations();
    return switch (random.nextInt(4)) {
      case 0 -> Crash.torn(operation - random.nextInt(3), random.nextInt(6));
      case 1 -> Crash.prefix(operation - random.nextInt(20));
      default -> Crash.random(random.nextInt(1 << 30));
    };
  }

  private static State state(Recorded in, Moment moment, Crash crash) {
    String id = in.scenario().name() + "@" + moment.operation() + "/" + crash;
    return new State(in, id, moment.what(), moment.disk().crash(crash), moment.acknowledged());
  }

  private static State state(State before, Moment moment, Crash crash) {
    String id = before.id() + "@" + moment.operation() + "/" + crash;
    SimulatedDisk disk = moment.disk().crash(crash);
    return new State(before.in(), id, moment.what(), disk, before.acknowledged());
  }

  /**
   * Recovers and asks the oracle, unless such a disk was recovered before.
   *
   * @return the disk after each operation of the recovery; none when there was one before
   */
  private List<Moment> recover(State state) {
    if (!isNew(state)) {
      repeated++;
      return List.of();
    }
    states++;
    return recoverAgain(state);
  }

  private boolean isNew(State state) {
    SimulatedDisk disk = state.disk();
    long key = state.in().scenario().name().hashCode() * 31L + state.acknowledged();
    key = mixed(key, disk.fingerprint());
    int unsynced = disk.unsynced().size();
    if (unsynced > 0) {
      // What is to be seen does not say what is durable.
      key = mixed(key, disk.crash(Crash.parse("none-kept")).fingerprint() + unsynced);
    }
    return seen.add(key);
  }

  private static long mixed(long a, long b) {
    long h = (a ^ b) * 0x9E3779B97F4A7C15L;
    return h ^ (h >>> 32);
  }

  private List<Moment> recoverAgain(State state) {
    SimulatedDisk disk = state.disk();
    Recorded in = state.in();
    SimulatedBase at =
        new SimulatedBase(machine.apply(disk), in.scenario().policy(), in.deposits());
    List<Moment> recovery = new ArrayList<>();
    judged(
        state,
        () -> {
          Action action = isOffline(state) ? at::recoverOffline : at::recover;
          recovery.addAll(moments(disk, in.deposits(), action));
          check(state, oracle(state).violations());
        });
    return recovery;
  }

  private static CrashOracle oracle(State state) {
    return new CrashOracle(state.disk(), state.in().deposits(), state.acknowledged());
  }

  private static void judged(State state, Action action) {
    try {
      action.run();
    } catch (IOException | RuntimeException e) {
      throw new AssertionError(state + ": recovery fails: " + e, e);
    }
  }

  private static void check(State state, List<String> violations) {
    if (!violations.isEmpty()) {
      throw new AssertionError(state + ": " + String.join("; ", violations));
    }
  }

  /** Some are recovered as without ZooKeeper. */
  private static boolean isOffline(State state) {
    return state.id().hashCode() % 8 == 0;
  }

  /** Makes a state again and recovers from it. */
  void again(String id) {
    String[] steps = id.split("@", -1);
    Recorded in =
        scenarios.stream()
            .filter(s -> s.scenario().name().equals(steps[0]))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no scenario: " + steps[0]));
    List<Moment> moments = in.moments();
    State state = null;
    for (int i = 1; i < steps.length; i++) {
      String[] step = steps[i].split("/", -1);
      Moment moment = moments.get(Integer.parseInt(step[0]));
      Crash crash = Crash.parse(step[1]);
      state = state == null ? state(in, moment, crash) : state(state, moment, crash);
      moments = recoverAgain(state);
      states++;
    }
  }
}
