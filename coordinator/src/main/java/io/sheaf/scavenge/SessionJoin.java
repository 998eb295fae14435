package io.sheaf.scavenge;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import java.time.Clock;

/** Creates a session or joins it, whoever came first. */
final class SessionJoin {
  private SessionJoin() {}

  /**
   * Joins the session that the settings name. What a closed session has left in ZooKeeper is
   * removed first: its name is free again.
   *
   * @return what was joined, with its creator's parameters
   */
  static SessionRecord join(Tree tree, BaseDirectory base, Settings settings, Clock clock) {
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
    return joined;
  }
}
