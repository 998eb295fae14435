package io.sheaf.session;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.ConfException;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Finds the ZooKeeper of a session for those who were given no servers. */
public final class Reach {
  private Reach() {}

  /**
   * The settings, with servers and credentials of the ZooKeeper that runs inside the session's job
   * when none are configured.
   *
   * @throws ConfException when there is no such one either
   */
  public static Settings complete(Settings settings, Disk disk) throws IOException {
    if (settings.find(Keys.SERVERS).isPresent()) {
      return settings;
    }
    String session = settings.get(Keys.SESSION);
    Optional<BaseDirectory> base = base(settings, disk);
    Optional<JobZooKeeper> own =
        base.isEmpty() ? Optional.empty() : JobZooKeeper.find(disk, base.get(), session);
    if (own.isEmpty()) {
      throw new ConfException(
          "no --servers given, and "
              + settings
                  .find(Keys.BASE)
                  .map(b -> b + " has")
                  .orElse("no base directory is given that has")
              + " no ZooKeeper of session "
              + session
              + ": give --servers, or start the session with 'sheaf session launch'");
    }
    return of(settings, base.get(), own.get(), session);
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
