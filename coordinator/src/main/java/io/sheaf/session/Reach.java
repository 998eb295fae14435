package io.sheaf.session;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.OpenSession;
import io.sheaf.conf.Access;
import io.sheaf.conf.ConfException;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.scavenge.SessionSummary;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeDeniedException;
import io.sheaf.tree.TreeOptions;
import io.sheaf.tree.TreeUnreachableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the ZooKeeper of a session for those who were given no servers. */
public final class Reach {
  private static final Logger LOG = LoggerFactory.getLogger(Reach.class);

  private Reach() {}

  /**
   * The settings, with servers and credentials of the ZooKeeper that runs inside the session's job
   * when none are configured.
   *
   * @throws ConfException when neither servers nor a base directory are given
   * @throws IOException when what is given is no base directory
   * @throws NoSuchSessionException when the base directory knows of no session of that name that is
   *     not closed
   * @throws TreeUnreachableException when the job's ZooKeeper is gone, or was never there
   */
  public static Settings complete(Settings settings, Disk disk) throws IOException {
    if (settings.find(Keys.SERVERS).isPresent()) {
      return settings;
    }
    String session = settings.get(Keys.SESSION);
    BaseDirectory base = named(settings, disk);
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

  /**
   * Connects with the ZooKeeper that runs inside a session's job.
   *
   * @return empty when it is gone, has lost its majority, or another server has its port by now
   */
  public static Optional<Tree> job(Settings settings, Disk disk, BaseDirectory base, String session)
      throws IOException {
    Optional<JobZooKeeper> own = JobZooKeeper.find(disk, base, session);
    if (own.filter(JobZooKeeper::answers).isEmpty()) {
      return Optional.empty();
    }
    Settings complete = of(settings, base, own.get(), session);
    try {
      Tree tree = Tree.connect(TreeOptions.of(complete, Access.ADMIN));
      if (tree.isAdministrator()) {
        return Optional.of(tree);
      }
      tree.close();
    } catch (TreeDeniedException | TreeUnreachableException e) {
      LOG.info("what answers at {} is not the ZooKeeper of {}: {}", own.get(), session, e);
    }
    return Optional.empty();
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
          .map(summary -> none(settings, session, "it was " + summary.closedAt() + "; "))
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

  /**
   * The base directory in which a session is looked for that has no servers.
   *
   * @throws ConfException when none is given
   * @throws IOException when what is given is none
   */
  public static BaseDirectory named(Settings settings, Disk disk) throws IOException {
    Optional<Path> root = settings.find(Keys.BASE);
    if (root.isEmpty()) {
      throw new ConfException(
          "neither --servers nor --base is given: without servers a session's ZooKeeper is looked"
              + " for in its base directory");
    }
    return BaseDirectory.named(disk, root.get());
  }

  /** The base directory that is configured, if it is one. */
  public static Optional<BaseDirectory> base(Settings settings, Disk disk) throws IOException {
    Optional<Path> root = settings.find(Keys.BASE);
    return root.isEmpty() ? Optional.empty() : BaseDirectory.find(disk, root.get());
  }
}
