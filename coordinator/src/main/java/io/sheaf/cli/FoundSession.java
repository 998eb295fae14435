package io.sheaf.cli;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Access;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.session.Reach;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ZooKeeper of a session and its base directory, as far as they can be found: servers that are
 * configured must answer, those that ran inside the job may be gone with it.
 */
final class FoundSession implements AutoCloseable {
  private final Settings settings;
  private final Disk disk;
  private final @Nullable Tree tree;

  private FoundSession(Settings settings, Disk disk, @Nullable Tree tree) {
    this.settings = settings;
    this.disk = disk;
    this.tree = tree;
  }

  /** Connects, unless the only ZooKeeper was one of the job and is gone. */
  static FoundSession ifItAnswers(Settings settings, Disk disk) throws IOException {
    if (settings.find(Keys.SERVERS).isPresent()) {
      return new FoundSession(settings, disk, Tree.connect(TreeOptions.of(settings, Access.ADMIN)));
    }
    BaseDirectory base = Reach.named(settings, disk);
    Optional<String> session = settings.find(Keys.SESSION);
    Optional<Tree> own =
        session.isEmpty() ? Optional.empty() : Reach.job(settings, disk, base, session.get());
    return new FoundSession(settings, disk, own.orElse(null));
  }

  /** Null when there is no ZooKeeper any more. */
  @Nullable Tree tree() {
    return tree;
  }

  /** The base directory that is configured, if any. */
  Optional<BaseDirectory> base() throws IOException {
    return Reach.base(settings, disk);
  }

  /** The base directory that is configured, or that the session's creator saw. */
  BaseDirectory base(String session) throws IOException {
    Optional<BaseDirectory> own = base();
    if (own.isPresent()) {
      return own.get();
    }
    if (settings.find(Keys.BASE).isPresent() || tree == null) {
      return Reach.named(settings, disk);
    }
    SessionRecord record =
        tree.session(session)
            .orElseThrow(
                () ->
                    new FailedException(
                        ExitStatus.NO_SUCH_SESSION,
                        "ZooKeeper knows no session "
                            + session
                            + "; if it has lost its data, give the base directory with --base"));
    return BaseDirectory.open(disk, Path.of(record.base()));
  }

  @Override
  public void close() {
    if (tree != null) {
      tree.close();
    }
  }
}
