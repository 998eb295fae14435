package io.sheaf.cli;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Access;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.session.Leftover;
import io.sheaf.session.Reach;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import io.sheaf.worker.SessionJoin;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * What a member needs before it joins: complete settings, a connection, and a session that is not
 * what a crash has left of another one.
 */
final class MemberStart implements AutoCloseable {
  private final Settings settings;
  private final Tree tree;
  private final SessionJoin.Mode mode;

  private MemberStart(Settings settings, Tree tree, SessionJoin.Mode mode) {
    this.settings = settings;
    this.tree = tree;
    this.mode = mode;
  }

  /**
   * Connects.
   *
   * @param access as whom
   * @param join whether the member joins a session that is there, with its parameters, and without
   *     knowing its base directory if need be
   */
  static MemberStart of(SheafCommand command, Disk disk, Access access, boolean join)
      throws IOException, InterruptedException {
    Settings given = command.settings();
    String session = given.get(Keys.SESSION);
    if (!join || given.find(Keys.SERVERS).isEmpty()) {
      given.get(Keys.BASE);
    }
    Settings settings = Reach.complete(given, disk);
    Tree tree = Tree.connect(TreeOptions.of(settings, access));
    boolean ready = false;
    try {
      if (join) {
        settings = withBase(settings, tree, session);
      } else if (given.find(Keys.SERVERS).isPresent()) {
        makeWay(command, settings, disk, tree, access);
      }
      ready = true;
      return new MemberStart(
          settings, tree, join ? SessionJoin.Mode.JOIN : SessionJoin.Mode.CREATE);
    } finally {
      if (!ready) {
        tree.close();
      }
    }
  }

  private static Settings withBase(Settings settings, Tree tree, String session) {
    if (settings.find(Keys.BASE).isPresent()) {
      return settings;
    }
    SessionRecord record =
        tree.session(session).orElseThrow(() -> new NoSuchSessionException(session, null));
    return settings.with(Map.of(Keys.BASE.name(), record.base()), "session " + session);
  }

  /**
   * A coordinator finishes a drain as a member; a worker would not be let in. A ZooKeeper that runs
   * in a job ends with its session: there it is the launch that makes way.
   */
  private static void makeWay(
      SheafCommand command, Settings settings, Disk disk, Tree tree, Access access)
      throws IOException, InterruptedException {
    Optional<BaseDirectory> base = Reach.base(settings, disk);
    if (base.isPresent()) {
      new Leftover(
              settings,
              disk,
              base.get(),
              tree,
              Clock.systemUTC(),
              line -> command.err().println("sheaf: " + line))
          .settle(access == Access.WORKER);
    }
  }

  Settings settings() {
    return settings;
  }

  Tree tree() {
    return tree;
  }

  SessionJoin.Mode mode() {
    return mode;
  }

  @Override
  public void close() {
    tree.close();
  }
}
