package io.sheaf.session;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Access;
import io.sheaf.conf.Credentials;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.scavenge.CoordinatorDaemon;
import io.sheaf.scavenge.SessionSummary;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import io.sheaf.worker.SessionJoin;
import io.sheaf.worker.WorkerDaemon;
import io.sheaf.zkinit.EmbeddedZooKeeper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A whole session in this process: a ZooKeeper server, a worker and a coordinator. */
public final class LocalSession implements AutoCloseable {
  private final Disk disk;
  private final ScratchDirectory scratch;
  private final String name;
  private final Path base;
  private @Nullable EmbeddedZooKeeper server;
  private @Nullable Tree tree;
  private @Nullable CoordinatorDaemon coordinator;
  private @Nullable WorkerDaemon worker;

  private LocalSession(Disk disk, ScratchDirectory scratch, Settings settings) {
    this.disk = disk;
    this.scratch = scratch;
    this.name = settings.get(Keys.SESSION);
    this.base = settings.get(Keys.BASE);
  }

  /**
   * Starts it. When this returns, the worker takes deposits at {@link #socket}.
   *
   * @param settings makes the settings, given the values of {@code servers} and, for use when the
   *     user named none, of {@code socket}, by name
   */
  public static LocalSession start(
      Function<Map<String, String>, Settings> settings, Disk disk, Clock clock) throws IOException {
    ScratchDirectory scratch = ScratchDirectory.create("sheaf-local-");
    @Nullable EmbeddedZooKeeper server = null;
    @Nullable LocalSession session = null;
    boolean started = false;
    try {
      Credentials credentials = Credentials.random(); // they never leave this process
      server =
          EmbeddedZooKeeper.builder(scratch.resolve("zookeeper")).credentials(credentials).start();
      Settings complete =
          settings.apply(
              Map.of(
                  Keys.SERVERS.name(), server.servers(),
                  Keys.SOCKET.name(), scratch.resolve("sheaf.sock").toString()));
      session = new LocalSession(disk, scratch, complete);
      session.server = server;
      session.join(complete, credentials, clock);
      started = true;
      return session;
    } finally {
      if (!started) {
        abandon(session, server, scratch);
      }
    }
  }

  private static void abandon(
      @Nullable LocalSession session,
      @Nullable EmbeddedZooKeeper server,
      ScratchDirectory scratch) {
    if (session != null) {
      session.close();
    } else if (server != null) {
      server.close();
    }
    scratch.close();
  }

  private void join(Settings settings, Credentials credentials, Clock clock) throws IOException {
    BaseDirectory.create(disk, base);
    tree = Tree.connect(TreeOptions.of(settings, credentials, Access.COORDINATOR));
    coordinator = CoordinatorDaemon.start(settings, disk, tree, clock);
    worker =
        WorkerDaemon.start(settings, SessionJoin.Mode.CREATE, disk, tree, WorkerEntries::of, clock);
  }

  /** Where the worker takes deposits. */
  public Path socket() {
    return started(worker).socket();
  }

  public String name() {
    return name;
  }

  public Path base() {
    return base.toAbsolutePath();
  }

  /**
   * Ends the session and waits until everything is merged.
   *
   * @return its summary; empty when it did not end within the timeout
   */
  public Optional<SessionSummary> drain(Duration timeout) throws IOException, InterruptedException {
    try (Drain drain = Drain.begin(started(tree), name)) {
      if (!drain.await(timeout, progress -> {})) {
        return Optional.empty();
      }
      started(coordinator).awaitEnd();
      return drain.summary(disk, base);
    } catch (NoSuchSessionException e) {
      // It was drained already, because the job that this is part of ends.
      started(coordinator).awaitEnd();
      return started(coordinator).summary();
    }
  }

  private static <T> T started(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("not started");
    }
    return part;
  }

  /** Stops everything; what is pending then waits in the inbox for the next session. */
  @Override
  public void close() {
    if (worker != null) {
      worker.close();
    }
    if (coordinator != null) {
      coordinator.close();
    }
    if (tree != null) {
      tree.close();
    }
    if (server != null) {
      server.close();
    }
    scratch.close();
  }
}
