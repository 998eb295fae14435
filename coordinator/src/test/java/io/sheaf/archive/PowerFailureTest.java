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
 * <p>{@code -Dsheaf.crashes=1000000 -Dtest.timeout=7200} for a longer run, {@code -Dsheaf.seed} for
 * another one, {@code -Dsheaf.state} for the one state that a failure has named.
 */
class PowerFailureTest {
  private static final long CRASHES = Long.getLong("sheaf.crashes", 20_000);
  private static final long SEED = Long.getLong("sheaf.seed", 3);

  @Test
  void whatWasAcknowledgedSurvivesAnyCrash() throws IOException {
    CrashSweep sweep = new CrashSweep(CrashScenarios.all(), UnaryOperator.identity(), SEED);
    String state = System.getProperty("sheaf.state");
    if (state != null) {
      sweep.again(state);
      return;
    }
    sweep.everythingReturned();
    sweep.everyOperation();
    sweep.everyOperationOfRecoveries();
    sweep.byChance(CRASHES);
    System.out.println(
        "crash states: "
            + sweep.states()
            + " (and "
            + sweep.repeated()
            + " that had been seen), seed "
            + SEED);
    assertThat(sweep.states()).isGreaterThanOrEqualTo(CRASHES);
  }

  @Test
  void whatIsRecoveredOpensInAnotherReader(@TempDir Path directory) throws IOException {
    CrashSweep sweep = new CrashSweep(CrashScenarios.all(), UnaryOperator.identity(), SEED);
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
