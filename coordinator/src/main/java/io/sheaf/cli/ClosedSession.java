package io.sheaf.cli;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import io.sheaf.scavenge.SessionSummary;
import io.sheaf.tree.NoSuchSessionException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** A session that is not in ZooKeeper may have been there: its base directory tells. */
final class ClosedSession {
  private ClosedSession() {}

  /** What to throw instead: it says when the session was closed, if it was on that base. */
  static RuntimeException explain(NoSuchSessionException e, Settings settings) throws IOException {
    Disk disk = new SystemDisk();
    Optional<Path> root = settings.find(Keys.BASE);
    // Opening would make a base directory where there is none.
    if (root.isEmpty() || disk.stat(root.get().resolve(".sheaf/base.json")).isEmpty()) {
      return e;
    }
    BaseDirectory base = BaseDirectory.open(disk, root.get());
    return SessionSummary.read(disk, base, e.session())
        .<RuntimeException>map(s -> closed(s, base.summary(e.session())))
        .orElse(e);
  }

  private static FailedException closed(SessionSummary summary, Path file) {
    return new FailedException(
        ExitStatus.NO_SUCH_SESSION,
        "no session \""
            + summary.session()
            + "\" any more: it was closed at "
            + Instant.ofEpochMilli(summary.closed()).truncatedTo(ChronoUnit.SECONDS)
            + "; what became of it is in "
            + file);
  }
}
