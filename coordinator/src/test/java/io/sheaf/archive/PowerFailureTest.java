package io.sheaf.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

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
}
