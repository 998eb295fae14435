package io.sheaf.scavenge;

import io.sheaf.batch.OpenPart;
import io.sheaf.batch.OpenSession;
import io.sheaf.scavenge.SessionSummary.Blocked;
import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.Role;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a session that is draining to its end, one step at a time. Every step looks at what is
 * there, so that a new leader can go on anywhere.
 */
final class Draining {
  private static final Logger LOG = LoggerFactory.getLogger(Draining.class);

  /** How long the other coordinators have to leave before their registrations are removed. */
  private static final Duration LEAVE = Duration.ofSeconds(5);

  private final Coordination in;
  private final Orphans orphans;
  private final Publishing publishing;
  private final Supplier<? extends Map<String, Trouble>> troubles;
  private final BaseTidying tidying;
  private String said = "";
  private boolean swept;
  private long drainedAt;
  private long closedAt;

  Draining(
      Coordination in,
      Orphans orphans,
      Publishing publishing,
      Supplier<? extends Map<String, Trouble>> troubles,
      BaseTidying tidying) {
    this.in = in;
    this.orphans = orphans;
    this.publishing = publishing;
    this.troubles = troubles;
    this.tidying = tidying;
  }

  /** Does what can be done now; true when the session has been removed. */
  boolean step(SessionRecord session) throws IOException {
    return switch (session.state()) {
      case OPEN -> false;
      case DRAINING -> {
        drain(session);
        yield false;
      }
      case CLOSED -> remove(session);
    };
  }

  private void drain(SessionRecord session) throws IOException {
    if (drainedAt == 0) {
      drainedAt = in.clock().millis();
    }
    List<MemberRecord> workers = in.tree().members(in.session(), Role.WORKER);
    if (!workers.isEmpty()) {
      say("draining: waiting for " + workers.size() + " workers to leave");
      return;
    }
    // The inbox is walked twice, not at every step: first and, once all is merged, last.
    if (!swept && !sweep()) {
      return;
    }
    swept = true;
    publishing.sweep();
    List<String> pending = in.tree().pendingArchives(in.session());
    List<Blocked> blocked = blocked(pending);
    if (blocked.size() < pending.size()) {
      say("draining: " + (pending.size() - blocked.size()) + " archives to merge");
      return;
    }
    if (sweep()) {
      close(session, blocked);
    }
  }

  /** Whether nothing was left to salvage or to publish. */
  private boolean sweep() throws IOException {
    List<OpenPart> held = orphans.salvage(true);
    if (!held.isEmpty()) {
      OpenPart part = held.get(0);
      say("draining: " + part.worker() + " still holds an open batch: " + part.path());
    }
    return publishing.scan() == 0 && held.isEmpty();
  }

  private List<Blocked> blocked(List<String> pending) {
    Map<String, Trouble> known = troubles.get();
    List<Blocked> blocked = new ArrayList<>();
    for (String archive : pending) {
      Trouble trouble = known.get(archive);
      if (trouble != null && trouble.isHopeless()) {
        long batches = in.tree().pending(in.session(), ArchiveKey.of(archive)).size();
        blocked.add(new Blocked(archive, batches, trouble.reason()));
      }
    }
    return blocked;
  }

  private void close(SessionRecord session, List<Blocked> blocked) throws IOException {
    // The summary is durable before the state says closed: who sees that may read it.
    SessionSummary summary = summary(session, blocked);
    summary.write(in.disk(), in.base());
    if (in.tree().advance(in.session(), SessionState.DRAINING, SessionState.CLOSED)) {
      LOG.info(
          "session {} is closed: {} entries in {} archives, {} in quarantine, {} archives blocked",
          in.session(),
          summary.entries(),
          summary.archives(),
          summary.quarantine().size(),
          blocked.size());
    }
  }

  private SessionSummary summary(SessionRecord session, List<Blocked> blocked) throws IOException {
    tidying.run();
    return SessionSummary.of(
        in.disk(),
        in.base(),
        session,
        new SessionSummary.Closing(drainedAt, in.clock().millis(), in.id()),
        gaps(),
        Notes.ofSession(in, session.created()),
        blocked);
  }

  private List<String> gaps() {
    return in.tree().stats(in.session()).values().stream()
        .flatMap(stats -> stats.gaps().stream())
        .sorted()
        .toList();
  }

  private boolean remove(SessionRecord session) throws IOException {
    long now = in.nanoTime().getAsLong();
    if (closedAt == 0) {
      closedAt = now;
    }
    boolean alone =
        in.tree().members(in.session(), Role.COORDINATOR).stream()
            .allMatch(m -> m.id().equals(in.id()));
    if (!alone && now - closedAt < LEAVE.toNanos()) {
      return false;
    }
    new OpenSession(in.disk(), in.base()).forget(session.name());
    tidying.run(); // What the others held until they left.
    // Last, for who waits for the end may end this process then.
    in.tree().deleteSession(session.name());
    return true;
  }

  private void say(String what) {
    if (!what.equals(said)) {
      said = what;
      LOG.info(what);
    }
  }
}
