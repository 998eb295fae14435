package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.ManualClock;
import io.sheaf.tree.TreeUnreachableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a clock that is moved by hand, and a squeue that says what the test wrote down. */
@Timeout(60)
class WallTimeTest {
  @TempDir Path directory;

  private final ManualClock clock = new ManualClock();
  private final Map<String, String> environment = new HashMap<>();
  private final BlockingQueue<Optional<Instant>> told = new LinkedBlockingQueue<>();
  private final BlockingQueue<Instant> near = new LinkedBlockingQueue<>();

  private WallTime wallTime(String... options) {
    Settings.Builder settings = Settings.builder().environment(environment);
    for (int i = 0; i < options.length; i += 2) {
      settings.option(Keys.named(options[i]).orElseThrow(), options[i + 1]);
    }
    return new WallTime(settings.build(), clock, told::add, near::add);
  }

  /** The only thing that came. */
  private static <T> T last(BlockingQueue<T> queue) {
    T last = queue.poll();
    assertThat(queue).isEmpty();
    assertThat(last).isNotNull();
    return last;
  }

  private Instant in(String minutes) {
    return clock.instant().plus(Duration.ofMinutes(Long.parseLong(minutes)));
  }

  /** Makes a program of that name which prints a file and counts how often it did. */
  private void squeue(String script) throws IOException {
    Path program = Files.writeString(directory.resolve("squeue"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    environment.put("PATH", directory + ":/usr/bin:/bin");
    environment.put("SLURM_JOB_ID", "4711");
  }

  private void says(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("next"), text + "\n");
    Files.move(file, directory.resolve("answer"), StandardCopyOption.ATOMIC_MOVE);
  }

  private static String local(Instant time) {
    return LocalDateTime.ofInstant(time, ZoneId.systemDefault()).toString() + ":00";
  }

  @Test
  void whatTheUserSaysWinsAndIsNearInTime() {
    Instant end = in("60");
    environment.put("SLURM_JOB_END_TIME", "1");
    WallTime wallTime = wallTime("ends_at", end.toString(), "drain_reserve", "1m");
    wallTime.tick();
    assertThat(last(told)).contains(end);
    clock.advance(Duration.ofMinutes(58));
    wallTime.tick();
    assertThat(near).isEmpty();
    clock.advance(Duration.ofMinutes(1));
    wallTime.tick();
    assertThat(last(near)).isEqualTo(end);
    wallTime.tick();
    assertThat(near).isEmpty();
    assertThat(told).isEmpty();
  }

  @Test
  void outsideOfAJobThereIsNoEnd() {
    assertThat(wallTime().mayEnd()).isFalse();
  }

  @Test
  void newerSlurmSaysItInTheEnvironment() {
    Instant end = in("60");
    environment.put("SLURM_JOB_END_TIME", "" + end.getEpochSecond());
    wallTime().tick();
    assertThat(last(told)).contains(end);
  }

  @Test
  void olderSlurmIsAskedAndAnExtensionIsSeen() throws Exception {
    squeue(
        "[ \"$*\" = '-h -j 4711 -o %e' ] && [ $SLURM_TIME_FORMAT = standard ] && cat "
            + directory
            + "/answer");
    Instant first = in("60");
    Instant second = in("180");
    WallTime wallTime = wallTime();
    says(local(first));
    wallTime.tick();
    assertThat(last(told)).contains(first);
    says(local(second));
    // Just before it would be acted upon, it is asked again.
    clock.advance(Duration.ofMinutes(59).plusSeconds(45));
    wallTime.tick();
    assertThat(last(told)).contains(second);
    assertThat(near).isEmpty();
    says("NONE");
    clock.advance(Duration.ofMinutes(60));
    wallTime.tick();
    assertThat(last(told)).isEmpty();
    says(local(second));
    clock.advance(Duration.ofMinutes(60));
    wallTime.tick();
    assertThat(last(told)).contains(second);
    assertThat(last(near)).isEqualTo(second);
  }

  @Test
  void aJobIsAskedForSomeDozenTimesADay() throws Exception {
    squeue("echo >>" + directory + "/asked; cat " + directory + "/answer");
    WallTime wallTime = wallTime();
    says(local(in("1440")));
    for (int i = 0; i < 1_435; i++) {
      wallTime.tick();
      clock.advance(Duration.ofMinutes(1));
    }
    assertThat(Files.readAllLines(directory.resolve("asked"))).hasSizeBetween(40, 100);
  }

  @Test
  void anEndThatIsKnownOutlivesASqueueThatFails() throws Exception {
    squeue("echo >>" + directory + "/asked; exit 1");
    Instant end = in("10");
    environment.put("SLURM_JOB_END_TIME", "" + end.getEpochSecond());
    WallTime wallTime = wallTime();
    wallTime.tick();
    assertThat(last(told)).contains(end);
    assertThat(directory.resolve("asked")).doesNotExist();
    clock.advance(Duration.ofMinutes(10));
    wallTime.tick();
    assertThat(last(near)).isEqualTo(end);
    assertThat(directory.resolve("asked")).exists();
  }

  @Test
  void withoutSqueueThereIsNoEnd() {
    environment.put("SLURM_JOB_ID", "4711");
    environment.put("PATH", directory.toString());
    wallTime().tick();
    assertThat(last(told)).isEmpty();
  }

  @Test
  void aListenerThatFailsIsCalledAgain() {
    AtomicInteger calls = new AtomicInteger();
    Settings settings = Settings.builder().option(Keys.ENDS_AT, in("60").toString()).build();
    WallTime wallTime =
        new WallTime(
            settings,
            clock,
            end -> {
              if (calls.incrementAndGet() < 3) {
                throw new TreeUnreachableException("away", null);
              }
            },
            near::add);
    for (int i = 0; i < 5; i++) {
      wallTime.tick();
    }
    assertThat(calls).hasValue(3);
  }
}
