package io.sheaf.scavenge;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.tree.SessionParameters;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import java.time.Clock;

/** Creates a session or joins it, whoever came first. */
final class SessionJoin {
  private SessionJoin() {}

  /**
   * A session that was joined.
   *
   * @param settings with the session's parameters
   * @param created when the session was, in milliseconds since the epoch
   */
  record Joined(Settings settings, long created) {}

  /**
   * Joins the session that the settings name. What a closed session has left in ZooKeeper is
   * removed first: its name is free again.
   *
   * @throws io.sheaf.tree.ParametersDifferException when they contradict the session's
   */
  static Joined join(Tree tree, BaseDirectory base, Settings settings, Clock clock) {
    String name = settings.get(Keys.SESSION);
    SessionRecord wanted =
        new SessionRecord(
            SessionRecord.VERSION,
            name,
            base.id(),
            base.root().toString(),
            settings.sessionParameters(),
            SessionState.OPEN,
            clock.millis());
    SessionRecord joined = tree.createOrJoin(wanted);
    if (joined.state() == SessionState.CLOSED) {
      tree.deleteSession(name);
      joined = tree.createOrJoin(wanted);
    }
    return new Joined(SessionParameters.reconcile(settings, joined), joined.created());
  }
}
