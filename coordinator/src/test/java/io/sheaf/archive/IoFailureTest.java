package io.sheaf.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.disk.Crash;
import io.sheaf.disk.Disk;
import io.sheaf.disk.HookedDisk;
import io.sheaf.disk.HookedDisk.Call;
import io.sheaf.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every call to the disk failing once, those that read too: in merges, in recovery, in salvage. The
 * error says which file it was, nothing is damaged, not even if the power goes then, and the next
 * try succeeds.
 */
class IoFailureTest {
  private static final Set<String> TAKES_SPACE =
      Set.of(
          "create",
          "createDirectories",
          "rename",
          "tryLock",
          "write",
          "copyTo",
          "sync",
          "syncDirectory");
  private static final Set<String> HARMLESS = Set.of("path", "close", "sharesBlocks");

  private enum Failure {
    EIO("Input/output error"),
    ENOSPC("No space left on device"),
    EDQUOT("Disk quota exceeded"),
    /** Half of a write is done. */
    SHORT_WRITE("No space left on device"),
    /** The pages count as clean, and are not on the disk. */
    SYNC_THAT_LIES("Input/output error"),
    /** And are not to be seen any more. */
    SYNC_THAT_FORGETS("Input/output error");

    private final String message;

    Failure(String message) {
      this.message = message;
    }

    boolean concerns(Call call) {
      return switch (this) {
        case EIO -> true;
        case ENOSPC, EDQUOT -> TAKES_SPACE.contains(call.name());
        case SHORT_WRITE -> call.is("write");
        case SYNC_THAT_LIES, SYNC_THAT_FORGETS -> call.is("sync");
      };
    }

    void happen(Call call) throws IOException {
      switch (this) {
        case SHORT_WRITE -> call.writeHalf();
        case SYNC_THAT_LIES -> call.failSync(false);
        case SYNC_THAT_FORGETS -> call.failSync(true);
        default -> {}
      }
      throw new FileSystemException(call.path().toString(), null, message);
    }
  }

  /** Lets one call fail, of those that a failure concerns. */
  private static final class OneFault implements HookedDisk.Hook {
    private final Failure failure;
    private int left;
    private @Nullable Call failed;

    OneFault(Failure failure, int left) {
      this.failure = failure;
      this.left = left;
    }

    @Override
    public @Nullable Object around(Call call) throws IOException {
      if (!HARMLESS.contains(call.name()) && failure.concerns(call) && --left == 0) {
        failed = call;
        failure.happen(call);
      }
      return call.proceed();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "many",
        "many-in-place",
        "duplicates-all-in-place",
        "duplicates-last",
        "quarantine",
        "salvage",
        "salvage-in-place",
        "roll",
        "mixed",
        "fold-merge",
        "fold-merge-in-place",
        "fold-tidy",
        "adopted-in-place"
      })
  void theNextTrySucceeds(String name) throws IOException {
    List<CrashScenario> one =
        CrashScenarios.all().stream().filter(s -> s.name().equals(name)).toList();
    CrashSweep.Recorded in = new CrashSweep(one, UnaryOperator.identity(), 1).scenarios().get(0);
    int faults = 0;
    // From the beginning, and as recoveries of what crashed in the middle and near the end.
    for (int part = 0; part < 3; part++) {
      CrashSweep.Moment moment = in.moments().get(part * (in.moments().size() - 1) / 3);
      for (Failure failure : Failure.values()) {
        int n = 1;
        while (fails(in, moment, failure, n)) {
          n++;
        }
        faults += n - 1;
      }
    }
    System.out.println("faults in " + name + ": " + faults);
    assertThat(faults).isGreaterThan(100);
  }

  /** Whether there was a call to fail. */
  private static boolean fails(
      CrashSweep.Recorded in, CrashSweep.Moment moment, Failure failure, int n) throws IOException {
    SimulatedDisk disk = moment.disk().crash(Crash.parse("all-kept"));
    OneFault fault = new OneFault(failure, n);
    String what = in.scenario().name() + "@" + moment.operation() + ", " + failure + " " + n;
    SimulatedBase at = base(in, HookedDisk.of(disk, fault));
    try {
      at.recover();
    } catch (IOException e) {
      Call failed = fault.failed;
      assertThat(failed).as(what + ": " + e).isNotNull();
      assertThat(String.valueOf(e.getMessage()))
          .as("%s: %s", what, failed)
          .contains(failed == null ? "" : failed.path().toString());
    }
    if (fault.failed == null) {
      return false;
    }
    SimulatedDisk powerless = disk.crash(Crash.parse("none-kept"));
    recovers(in, moment, at, disk, what + " " + fault.failed);
    recovers(
        in, moment, base(in, powerless), powerless, what + " " + fault.failed + ", then the power");
    return true;
  }

  private static SimulatedBase base(CrashSweep.Recorded in, Disk disk) {
    return new SimulatedBase(disk, in.scenario().policy(), in.deposits());
  }

  private static void recovers(
      CrashSweep.Recorded in,
      CrashSweep.Moment moment,
      SimulatedBase at,
      SimulatedDisk disk,
      String what)
      throws IOException {
    try {
      at.recover();
    } catch (IOException e) {
      throw new AssertionError(what + ": the next try fails: " + e, e);
    }
    List<String> violations =
        new CrashOracle(disk, in.deposits(), moment.acknowledged()).violations();
    assertThat(violations).as(what).isEmpty();
  }
}
