package io.sheaf.archive;

import static io.sheaf.archive.SimulatedBase.BASE;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.disk.Crash;
import io.sheaf.disk.SimulatedDisk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Power failures and deaths of processes after each operation of Sheaf, on a disk that knows what
 * is synced.
 *
 * <p>Some scenarios are written down, others made up by chance: as many as it takes for the number
 * of states that is wanted. {@code -Dsheaf.crashes=1000000 -Dtest.timeout=7200} for a longer run,
 * {@code -Dsheaf.seed} for another one, {@code -Dsheaf.state} for the one state that a failure has
 * named.
 */
class PowerFailureTest {
  private static final long CRASHES = Long.getLong("sheaf.crashes", 20_000);
  private static final long SEED = Long.getLong("sheaf.seed", 3);

  /** Crashes in recoveries of recoveries, for each set of scenarios. */
  private static final int BY_CHANCE = 1_000;

  private static final int FEWEST_MADE_UP = 3;

  @Test
  void whatWasAcknowledgedSurvivesAnyCrash() throws IOException {
    String state = System.getProperty("sheaf.state");
    if (state != null) {
      sweep(RandomScenario.havingState(state)).again(state);
      return;
    }
    long states = swept(CrashScenarios.all());
    int made = 0;
    for (; made < FEWEST_MADE_UP || states < CRASHES; made++) {
      states += swept(List.of(RandomScenario.of(SEED * 1_000_000 + made)));
    }
    System.out.println(
        "crash states: " + states + ", " + made + " scenarios made up, seed " + SEED);
    assertThat(states).isGreaterThanOrEqualTo(CRASHES);
  }

  /** How many states were recovered. */
  private static long swept(List<CrashScenario> scenarios) throws IOException {
    CrashSweep sweep = sweep(scenarios);
    sweep.everythingReturned();
    sweep.everyOperation();
    sweep.everyOperationOfRecoveries();
    sweep.byChance(sweep.states() + BY_CHANCE);
    return sweep.states();
  }

  private static CrashSweep sweep(List<CrashScenario> scenarios) throws IOException {
    return new CrashSweep(scenarios, UnaryOperator.identity(), SEED);
  }

  @Test
  void whatIsRecoveredOpensInAnotherReader(@TempDir Path directory) throws IOException {
    CrashSweep sweep = sweep(CrashScenarios.all());
    for (CrashSweep.Recorded in : sweep.scenarios()) {
      CrashSweep.Moment middle = in.moments().get(in.moments().size() / 2);
      SimulatedDisk disk = middle.disk().crash(Crash.parse("none-kept"));
      new SimulatedBase(disk, in.scenario().policy(), in.deposits()).recover();
      for (VerifyReport.Archive archive : new Verifier(disk, BASE).verify(false).archives()) {
        if (archive.length() > 0) {
          Path path = BASE.archive(archive.archive());
          Path copy = Files.write(directory.resolve("copy.zip"), disk.readAll(path));
          assertSameEntries(copy, CrashOracle.read(disk, path));
        }
      }
    }
  }

  private static void assertSameEntries(Path zip, Map<String, byte[]> wanted) throws IOException {
    try (ZipFile file = new ZipFile(zip.toFile())) {
      assertThat(file.size()).isEqualTo(wanted.size()).isPositive();
      for (ZipEntry entry : Collections.list(file.entries())) {
        try (InputStream in = file.getInputStream(entry)) {
          assertThat(in.readAllBytes()).isEqualTo(wanted.get(entry.getName()));
        }
      }
    }
  }
}
