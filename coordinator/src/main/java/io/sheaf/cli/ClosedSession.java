package io.sheaf.cli;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import io.sheaf.scavenge.SessionSummary;
import io.sheaf.session.Reach;
import io.sheaf.tree.NoSuchSessionException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A session that is not in ZooKeeper may have been there: its base directory tells. */
final class ClosedSession {
  private ClosedSession() {}

  /** What to throw instead: it says when the session was closed, if it was on that base. */
  static RuntimeException explain(NoSuchSessionException e, Settings settings) throws IOException {
    Disk disk = new SystemDisk();
    Optional<BaseDirectory> base = Reach.base(settings, disk);
    return base.isEmpty()
        ? e
        : SessionSummary.read(disk, base.get(), e.session())
            .<RuntimeException>map(s -> closed(s, base.get().summary(e.session())))
            .orElse(e);
  }

  private static FailedException closed(SessionSummary summary, Path file) {
    return new FailedException(
        ExitStatus.NO_SUCH_SESSION,
        "no session \""
            + summary.session()
            + "\" any more: it was "
            + summary.closedAt()
            + "; what became of it is in "
            + file);
  }
}
