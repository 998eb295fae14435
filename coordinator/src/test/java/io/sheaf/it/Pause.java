package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static io.sheaf.it.SessionUnderLoad.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.Tree;
import java.io.IOException;
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
record Pause(SessionUnderLoad session, Tree tree, Traces traces, Random random) {
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
    CHECK_BEFORE_JOURNAL,
    FIRST_CHECK_AFTER_JOURNAL,
    SECOND_CHECK_AFTER_JOURNAL
  }

  /** Anywhere. */
  At anywhere() {
    return At.values()[random.nextInt(At.values().length)];
  }

  /** Pauses it once; says what was met. */
  List<String> once(ProxiedCoordinator member, At at) throws Exception {
    List<String> met = new ArrayList<>();
    Running process = member.process();
    try {
      Optional<ClaimedFiles> claimed = stop(member, at, met);
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
        process.resume();
      } else {
        assertThat(claimed.get().fingerprint()).as("under its POSIX lock").isEqualTo(before);
        wake(process, claimed.get(), met);
      }
    } finally {
      process.resume();
    }
    eventually("it is back", PATIENCE, () -> member.isRegistered(tree));
    return met;
  }

  private static void wake(Running process, ClaimedFiles claimed, List<String> met)
      throws Exception {
    String archive = claimed.state();
    String ledger = claimed.ledger();
    String staged = claimed.inFlight("new");
    process.resume();
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

  /** The archive that it has claimed and is at work on, if that is known. */
  private Optional<ClaimedFiles> stop(ProxiedCoordinator member, At at, List<String> met)
      throws Exception {
    if (at != At.ANY_TIME) {
      Optional<ClaimedFiles> claimed = stopAtCheck(member, at);
      if (claimed.isPresent()) {
        met.add("stopped at " + at);
        return claimed.filter(files -> isHeldBy(member, files));
      }
    }
    met.add("stopped at " + At.ANY_TIME);
    traces.forget();
    Optional<String> archive = traces.await(1 + random.nextInt(TRACES), PATIENCE);
    assertThat(archive).as("somebody merges").isPresent();
    member.process().stop();
    ClaimedFiles files = new ClaimedFiles(session.base(), archive.get());
    return Optional.of(files).filter(f -> isHeldBy(member, f));
  }

  private static boolean isHeldBy(ProxiedCoordinator member, ClaimedFiles files) {
    OptionalLong holder = files.holder();
    return holder.isPresent() && holder.getAsLong() == member.process().pid();
  }

  private Optional<ClaimedFiles> stopAtCheck(ProxiedCoordinator member, At at) throws Exception {
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
      if (!check.awaitAnswer(CHECK)) {
        return Optional.empty();
      }
      member.process().stop();
      check.release();
      // Half-way through a check that held: it knows the answer and has not acted on it.
      for (int i = 0; i < STEPS && !check.isRead(); i++) {
        member.process().resumeBriefly(i * SPINS);
      }
      member.process().resumeBriefly(random.nextInt(LAST_SPINS));
      return Optional.ofNullable(asked.get());
    } finally {
      member.proxy().holdNone();
      check.release();
    }
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
    boolean first = journals.add(journal);
    return at == (first ? At.FIRST_CHECK_AFTER_JOURNAL : At.SECOND_CHECK_AFTER_JOURNAL);
  }
}
