package io.sheaf.session;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.OpenSession;
import io.sheaf.conf.ConfException;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.scavenge.SessionSummary;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.TreeUnreachableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/** Finds the ZooKeeper of a session for those who were given no servers. */
public final class Reach {
  private Reach() {}

  /**
   * The settings, with servers and credentials of the ZooKeeper that runs inside the session's job
   * when none are configured.
   *
   * @throws ConfException when neither servers nor a base directory are given
   * @throws NoSuchSessionException when the base directory knows of no session of that name that is
   *     not closed
   * @throws TreeUnreachableException when the job's ZooKeeper is gone, or was never there
   */
  public static Settings complete(Settings settings, Disk disk) throws IOException {
    if (settings.find(Keys.SERVERS).isPresent()) {
      return settings;
    }
    String session = settings.get(Keys.SESSION);
    if (settings.find(Keys.BASE).isEmpty()) {
      throw new ConfException(
          "neither --servers nor --base is given: without servers a session's ZooKeeper is looked"
              + " for in its base directory");
    }
    BaseDirectory base = base(settings, disk).orElseThrow(() -> none(settings, session, ""));
    JobZooKeeper own =
        JobZooKeeper.find(disk, base, session).orElseThrow(() -> absent(settings, disk, base));
    if (!own.answers()) {
      throw new TreeUnreachableException(
          "the ZooKeeper of session "
              + session
              + " at "
              + own.servers()
              + " does not answer: "
              + cleanUp(session),
          null);
    }
    return of(settings, base, own, session);
  }

  private static RuntimeException absent(Settings settings, Disk disk, BaseDirectory base) {
    String session = settings.get(Keys.SESSION);
    try {
      if (new OpenSession(disk, base).find(session).isPresent()) {
        return new TreeUnreachableException(
            "session "
                + session
                + " is not closed, and no ZooKeeper of it runs in a job: give its --servers, or "
                + cleanUp(session),
            null);
      }
      return SessionSummary.read(disk, base, session)
          .map(
              closed ->
                  none(
                      settings,
                      session,
                      "it was closed at "
                          + Instant.ofEpochMilli(closed.closed()).truncatedTo(ChronoUnit.SECONDS)
                          + "; "))
          .orElseGet(() -> none(settings, session, ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String cleanUp(String session) {
    return "if its job has ended, 'sheaf session clean " + session + "' finishes what it left";
  }

  private static NoSuchSessionException none(Settings settings, String session, String more) {
    return new NoSuchSessionException(
        session,
        "no session "
            + session
            + " in "
            + settings.get(Keys.BASE)
            + ": "
            + more
            + "give --servers, or start one with 'sheaf session launch'",
        null);
  }

  static Settings of(Settings settings, BaseDirectory base, JobZooKeeper own, String session) {
    return settings.with(
        Map.of(
            Keys.SERVERS.name(),
            own.servers(),
            Keys.CREDENTIALS.name(),
            JobZooKeeper.credentials(base, session).toString()),
        JobZooKeeper.file(base, session).toString());
  }

  /** The base directory that is configured, if it is one. */
  public static Optional<BaseDirectory> base(Settings settings, Disk disk) throws IOException {
    Optional<Path> root = settings.find(Keys.BASE);
    return root.isEmpty() || disk.stat(root.get().resolve(".sheaf/base.json")).isEmpty()
        ? Optional.empty()
        : Optional.of(BaseDirectory.open(disk, root.get()));
  }
}
