package io.sheaf.session;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.WorkerId;
import io.sheaf.disk.Disk;
import io.sheaf.scavenge.SessionCleaning;
import io.sheaf.scavenge.SessionSummary;
import io.sheaf.tree.ParametersDifferException;
import io.sheaf.tree.SessionParameters;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a session of the same name has left that nobody ended. One with the same parameters is gone
 * on with; one that was being drained, or that had other parameters, is cleaned up first. Neither
 * needs anybody's help, and both are told.
 */
public final class Leftover {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final Settings settings;
  private final BaseDirectory base;
  private final SessionCleaning cleaning;
  private final Consumer<String> say;

  /**
   * @param say told what is found and done, in one line each
   */
  public Leftover(
      Settings settings,
      Disk disk,
      BaseDirectory base,
      @Nullable Tree tree,
      Clock clock,
      Consumer<String> say) {
    this.settings = settings;
    this.base = base;
    this.cleaning = new SessionCleaning(disk, base, tree, WorkerId.create().toString(), clock);
    this.say = say;
  }

  /** What is there of the session, and whether anybody serves it. */
  public record Found(SessionRecord session, boolean alive) {}

  /** Looks only. */
  public Optional<Found> find() throws IOException {
    String name = settings.get(Keys.SESSION);
    Optional<SessionRecord> session = cleaning.find(name).filter(s -> s.baseId().equals(base.id()));
    return session.isEmpty()
        ? Optional.empty()
        : Optional.of(new Found(session.get(), !cleaning.alive(name).isEmpty()));
  }

  /**
   * Makes way for a session that is to begin, where nobody serves the one that is there.
   *
   * @param drainingToo whether one that was being drained is finished here; a coordinator does that
   *     as a member
   * @return whether something was cleaned up
   */
  public boolean settle(boolean drainingToo) throws IOException, InterruptedException {
    Optional<Found> found = find();
    if (found.isEmpty() || found.get().alive()) {
      return false;
    }
    SessionRecord left = found.get().session();
    boolean drained = drainingToo && left.state() != SessionState.OPEN;
    if (drained || hasOtherParameters(left)) {
      say.accept(
          "session "
              + left.name()
              + " was left unfinished "
              + (drained ? "while it was being drained" : "and had other parameters")
              + ": cleaning it up first");
      clean(left.name());
      return true;
    }
    say.accept("session " + left.name() + " was left unfinished: going on with it");
    return false;
  }

  private boolean hasOtherParameters(SessionRecord left) {
    try {
      SessionParameters.reconcile(settings, left);
      return false;
    } catch (ParametersDifferException e) {
      return true;
    }
  }

  private void clean(String name) throws IOException, InterruptedException {
    SessionSummary summary =
        cleaning
            .run(name, settings.get(Keys.MERGE_THREADS), PATIENCE, (done, of, last) -> {})
            .summary();
    say.accept(
        "session "
            + name
            + " is cleaned up: "
            + summary.files()
            + " files in "
            + summary.archives()
            + " archives"
            + (summary.isClean() ? "" : "; not everything was merged: see its summary"));
  }
}
