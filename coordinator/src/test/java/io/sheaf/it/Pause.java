package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static io.sheaf.it.SessionUnderLoad.PATIENCE;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.Tree;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Stops a coordinator at a moment, keeps it so until its session has expired and another has
 * merged, and has it go on.
 */
record Pause(Path directory, SessionUnderLoad session, Tree tree, Traces traces, Random random) {
  /** It did on waking what its last check, before the pause, had allowed. */
  static final String RENAMED = "renamed on waking, without its session";

  private static final int TRACES = 40;

  /** Some resumptions of a few microseconds each, longer and longer, are enough for an answer. */
  private static final int STEPS = 100;

  private static final int SPINS = 10;
  private static final int LAST_SPINS = 200;

  /** A strategy may not have the check that is waited for. */
  private static final Duration CHECK = Duration.ofSeconds(15);

  /** Where a coordinator is stopped. */
  enum At {
    ANY_TIME,
    BEFORE_RENAME,
    CHECK_BEFORE_JOURNAL,
    FIRST_CHECK_AFTER_JOURNAL,
    SECOND_CHECK_AFTER_JOURNAL
  }

  /** Anywhere. */
  At anywhere() {
    return At.values()[random.nextInt(At.values().length)];
  }

  /** What was stopped, and what keeps it so when it has been continued. */
  private record Stopped(Optional<ClaimedFiles> claimed, Optional<HeldRename> rename) {
    static Stopped over(Optional<ClaimedFiles> claimed) {
      return new Stopped(claimed, Optional.empty());
    }

    void goOn(Running process) throws IOException, InterruptedException {
      process.resume();
      if (rename.isPresent()) {
        rename.get().release();
      }
    }
  }

  /** Pauses it once; says what was met. */
  List<String> once(ProxiedCoordinator member, At at) throws Exception {
    List<String> met = new ArrayList<>();
    Running process = member.process();
    Stopped stopped = Stopped.over(Optional.empty());
    try {
      stopped = stop(member, at, met);
      Optional<ClaimedFiles> claimed = stopped.claimed().filter(f -> isHeldBy(member, f));
      List<String> before = claimed.isPresent() ? claimed.get().fingerprint() : List.of();
      met.add("in flight " + (claimed.isPresent() ? claimed.get().inFlight() : "elsewhere"));
      eventually("its session has expired", PATIENCE, () -> !member.isRegistered(tree));
      traces.forget();
      assertThat(traces.await(1, PATIENCE)).as("the other merges").isPresent();
      if (random.nextBoolean()) {
        met.add("recover ran meanwhile");
        SessionUnderLoad.assertRecovered(session.recovery());
      }
      if (claimed.isEmpty()) {
        stopped.goOn(process);
      } else {
        assertThat(claimed.get().fingerprint()).as("under its POSIX lock").isEqualTo(before);
        wake(process, stopped, claimed.get(), met);
      }
    } finally {
      stopped.goOn(process);
    }
    eventually("it is back", PATIENCE, () -> member.isRegistered(tree));
    return met;
  }

  private static void wake(Running process, Stopped stopped, ClaimedFiles claimed, List<String> met)
      throws Exception {
    String archive = claimed.state();
    String ledger = claimed.ledger();
    String staged = claimed.inFlight("new");
    stopped.goOn(process);
    if (!staged.equals(ClaimedFiles.NONE)) {
      eventually(
          "the merge goes on or is undone",
          PATIENCE,
          () -> !claimed.state().equals(archive) || !claimed.inFlight("new").equals(staged));
      if (claimed.state().equals(staged)) {
        met.add(RENAMED);
      }
    }
    eventually("somebody commits", PATIENCE, () -> !claimed.ledger().equals(ledger));
  }

  /** The archive that it is at work on is told when it is known. */
  private Stopped stop(ProxiedCoordinator member, At at, List<String> met) throws Exception {
    if (at != At.ANY_TIME) {
      Optional<Stopped> stopped =
          at == At.BEFORE_RENAME
              ? stopAtRename(member)
              : stopAtCheck(member, at).map(files -> Stopped.over(Optional.of(files)));
      if (stopped.isPresent()) {
        met.add("stopped at " + at);
        return stopped.get();
      }
    }
    met.add("stopped at " + At.ANY_TIME);
    traces.forget();
    Optional<String> archive = traces.await(1 + random.nextInt(TRACES), PATIENCE);
    assertThat(archive).as("somebody merges").isPresent();
    member.process().stop();
    return Stopped.over(archive.map(name -> new ClaimedFiles(session.base(), name)));
  }

  private static boolean isHeldBy(ProxiedCoordinator member, ClaimedFiles files) {
    OptionalLong holder = files.holder();
    return holder.isPresent() && holder.getAsLong() == member.process().pid();
  }

  /** What a test does at a check, whose answer is not passed on before. */
  private interface AtCheck<T> {
    Optional<T> run(ClaimProxy.Check check, ClaimedFiles asked) throws Exception;
  }

  private <T> Optional<T> atCheck(ProxiedCoordinator member, At at, AtCheck<T> then)
      throws Exception {
    AtomicReference<ClaimedFiles> asked = new AtomicReference<>();
    Set<String> journals = new HashSet<>();
    ClaimProxy.Check check =
        member
            .proxy()
            .hold(
                znode -> {
                  Optional<ClaimedFiles> files = claimedBy(znode);
                  files.ifPresent(asked::set);
                  return files.isPresent() && isAt(at, files.get(), journals);
                });
    try {
      return check.awaitAnswer(CHECK)
          ? then.run(check, requireNonNull(asked.get()))
          : Optional.empty();
    } finally {
      member.proxy().holdNone();
      check.release();
    }
  }

  /** Half-way through a check that held: it knows the answer and has not acted on it. */
  private Optional<ClaimedFiles> stopAtCheck(ProxiedCoordinator member, At at) throws Exception {
    return atCheck(
        member,
        at,
        (check, asked) -> {
          member.process().stop();
          check.release();
          for (int i = 0; i < STEPS && !check.isRead(); i++) {
            member.process().resumeBriefly(i * SPINS);
          }
          member.process().resumeBriefly(random.nextInt(LAST_SPINS));
          return Optional.of(asked);
        });
  }

  /** The check has held, and the rename has not begun. */
  private Optional<Stopped> stopAtRename(ProxiedCoordinator member) throws Exception {
    return atCheck(
        member,
        At.BEFORE_RENAME,
        (check, asked) -> {
          HeldRename rename = HeldRename.of(member.process(), asked.path("new"), directory);
          check.release();
          if (!rename.await(CHECK)) {
            rename.release();
            return Optional.empty();
          }
          member.process().stop();
          return Optional.of(new Stopped(Optional.of(asked), Optional.of(rename)));
        });
  }

  private Optional<ClaimedFiles> claimedBy(String znode) {
    for (int i = 0; znode.contains("/locks/") && i < SessionUnderLoad.ARCHIVES; i++) {
      String archive = "ar" + i + ".zip";
      if (znode.contains("/" + ArchiveKey.of(archive).hex() + "/")) {
        return Optional.of(new ClaimedFiles(session.base(), archive));
      }
    }
    return Optional.empty();
  }

  private static boolean isAt(At at, ClaimedFiles files, Set<String> journals) throws IOException {
    String journal = files.inFlight("undo");
    if (journal.equals(ClaimedFiles.NONE)) {
      return at == At.CHECK_BEFORE_JOURNAL && !files.inFlight().isEmpty();
    }
    if (at == At.BEFORE_RENAME) {
      return files.has("new"); // Else it was renamed already, or is overwritten.
    }
    boolean first = journals.add(journal);
    return at == (first ? At.FIRST_CHECK_AFTER_JOURNAL : At.SECOND_CHECK_AFTER_JOURNAL);
  }
}
