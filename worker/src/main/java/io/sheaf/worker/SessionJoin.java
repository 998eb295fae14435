package io.sheaf.worker;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.OpenSession;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.SessionParameters;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates a session or joins it, whoever came first. One that ZooKeeper has nothing of, but that
 * the base directory says was never closed, is gone on with: the same session, with its parameters.
 *
 * @param session what was joined
 * @param settings of the member, with the session's parameters
 */
public record SessionJoin(SessionRecord session, Settings settings) {
  private static final Logger log = LoggerFactory.getLogger(SessionJoin.class);

  /** Who fixes the parameters. */
  public enum Mode {
    /** The first member; one that brings others is refused. */
    CREATE,
    /** The session, which must be there; what the member has itself does not count. */
    JOIN
  }

  /**
   * Joins the session that the settings name. What a closed session has left in ZooKeeper is
   * removed first: its name is free again.
   *
   * @throws NoSuchSessionException when there is none, and only joining was asked for
   * @throws io.sheaf.conf.ConfException when the settings contradict the session's
   */
  public static SessionJoin join(
      Tree tree, Disk disk, BaseDirectory base, Settings settings, Mode mode, Clock clock)
      throws IOException {
    String name = settings.get(Keys.SESSION);
    OpenSession known = new OpenSession(disk, base);
    SessionRecord fresh =
        new SessionRecord(
            SessionRecord.VERSION,
            name,
            base.id(),
            base.root().toString(),
            settings.sessionParameters(),
            SessionState.OPEN,
            clock.millis());
    Optional<SessionRecord> there = tree.session(name);
    if (mode == Mode.JOIN && there.filter(s -> s.state() != SessionState.CLOSED).isEmpty()) {
      throw new NoSuchSessionException(name, null);
    }
    SessionRecord joined =
        there.isPresent() ? tree.createOrJoin(fresh) : resume(tree, base, known, fresh);
    if (joined.state() == SessionState.CLOSED) {
      tree.deleteSession(name);
      joined = tree.createOrJoin(fresh);
    }
    Settings own = mode == Mode.JOIN ? settings.underSession(name, joined.parameters()) : settings;
    Settings reconciled = SessionParameters.reconcile(own, joined);
    known.keep(joined);
    return new SessionJoin(joined, reconciled);
  }

  private static SessionRecord resume(
      Tree tree, BaseDirectory base, OpenSession known, SessionRecord fresh) throws IOException {
    Optional<SessionRecord> left = known.find(fresh.name());
    if (left.isEmpty() || !left.get().baseId().equals(base.id())) {
      return tree.createOrJoin(fresh);
    }
    log.warn(
        "session {} was not closed, and ZooKeeper does not know it any more: going on with it",
        fresh.name());
    return tree.createOrJoin(left.get().withState(SessionState.OPEN));
  }
}
