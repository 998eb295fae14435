package io.sheaf.session;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Access;
import io.sheaf.conf.Credentials;
import io.sheaf.conf.CredentialsFile;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.conf.Units;
import io.sheaf.disk.Disk;
import io.sheaf.disk.InDirectory;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.Role;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeException;
import io.sheaf.tree.TreeOptions;
import io.sheaf.worker.SessionJoin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Starts a whole session: a ZooKeeper inside the job when none is configured, coordinators and
 * workers; returns when all of them are registered. They go on when this process ends. What an
 * earlier run of the session has left is gone on with, or cleaned up.
 */
public final class Launch {
  private static final long LOOK_MILLIS = 100;

  private final Settings settings;
  private final LaunchOptions options;
  private final Disk disk;
  private final BaseDirectory base;
  private final String session;
  private final LaunchCommands commands;
  private final Clock clock;
  private final Consumer<String> say;
  private final List<LaunchedProcess> started = new ArrayList<>();

  private Launch(
      Settings settings,
      LaunchOptions options,
      Disk disk,
      BaseDirectory base,
      LaunchCommands commands,
      Clock clock,
      Consumer<String> say) {
    this.settings = settings;
    this.options = options;
    this.disk = disk;
    this.base = base;
    this.session = settings.get(Keys.SESSION);
    this.commands = commands;
    this.clock = clock;
    this.say = say;
  }

  /**
   * What programs need to know of a session that was launched.
   *
   * @param socket that they find a worker at; {@code %(node)s} in it stands for the node's name
   * @param workers as they are registered
   */
  public record Launched(
      String session,
      String base,
      String socket,
      List<MemberRecord> workers,
      List<MemberRecord> coordinators) {}

  /**
   * Launches.
   *
   * @param say told what goes on, in a line each
   * @throws IOException when there is no base directory, which may not be mounted, or something
   *     does not start; what was started is ended again
   */
  public static Launched run(
      Settings settings, LaunchOptions options, Disk disk, Clock clock, Consumer<String> say)
      throws IOException, InterruptedException {
    BaseDirectory base = BaseDirectory.open(disk, settings.get(Keys.BASE));
    LaunchCommands commands = LaunchCommands.of(settings, options, base);
    Launch launch = new Launch(settings, options, disk, base, commands, clock, say);
    boolean done = false;
    try {
      Launched launched = launch.run();
      done = true;
      return launched;
    } finally {
      if (!done) {
        LaunchedProcess.stop(launch.started);
      }
    }
  }

  /** What would be started; nothing is. */
  public static LaunchPlan plan(Settings settings, LaunchOptions options)
      throws IOException, InterruptedException {
    Path root = settings.get(Keys.BASE).toAbsolutePath().normalize();
    return LaunchCommands.of(settings, options, new BaseDirectory(root, "")).plan("LAUNCH");
  }

  private Launched run() throws IOException, InterruptedException {
    Files.createDirectories(options.logs());
    long end = System.nanoTime() + options.patience().toNanos();
    Settings own = zookeeper(end);
    try (Tree tree = Tree.connect(TreeOptions.of(own, Access.ADMIN))) {
      SessionJoin.join(tree, disk, base, own, SessionJoin.Mode.CREATE, clock);
      boolean done = false;
      try {
        start(commands.plan("").members());
        Launched launched = await(tree, end);
        done = true;
        return launched;
      } finally {
        if (!done) {
          end(tree);
        }
      }
    }
  }

  /** Members on other nodes leave when their session is gone, whatever became of their launcher. */
  private void end(Tree tree) throws IOException {
    try {
      tree.deleteSession(session);
    } catch (TreeException e) {
      say.accept("the session could not be removed from ZooKeeper: " + e.getMessage());
    }
  }

  private void requireNobody(Optional<Leftover.Found> found) throws IOException {
    if (found.filter(Leftover.Found::alive).isPresent()) {
      throw new IOException(
          "session "
              + session
              + " has members that are alive: see 'sheaf session status "
              + session
              + "', or use another name");
    }
  }

  /** The settings, with a ZooKeeper that is configured, still runs, or is started now. */
  private Settings zookeeper(long end) throws IOException, InterruptedException {
    if (settings.find(Keys.SERVERS).isPresent()) {
      try (Tree tree = Tree.connect(TreeOptions.of(settings, Access.ADMIN))) {
        settle(new Leftover(settings, disk, base, tree, clock, say));
      }
      return settings;
    }
    try (@Nullable Tree tree = Reach.job(settings, disk, base, session).orElse(null)) {
      // What one of an earlier run that is gone knew is in the files.
      boolean cleaned = settle(new Leftover(settings, disk, base, tree, clock, say));
      if (tree != null && !cleaned) {
        return Reach.complete(settings, disk);
      }
      // It ends with the session that was cleaned up.
    }
    return started(end);
  }

  private boolean settle(Leftover leftover) throws IOException, InterruptedException {
    requireNobody(leftover.find());
    return leftover.settle(true);
  }

  private Settings started(long end) throws IOException, InterruptedException {
    disk.delete(JobZooKeeper.file(base, session));
    Path credentials = JobZooKeeper.credentials(base, session);
    disk.delete(credentials);
    InDirectory.change(
        disk,
        base.openSession(session),
        () -> CredentialsFile.create(credentials, Credentials.random()));
    String launch = Long.toHexString(clock.millis()) + "-" + ProcessHandle.current().pid();
    start(commands.plan(launch).servers());
    say.accept(
        "starting ZooKeeper"
            + (options.ensemble() == 1 ? "" : " on " + options.ensemble() + " nodes"));
    while (true) {
      Optional<JobZooKeeper> there = JobZooKeeper.find(disk, base, session);
      if (there.isPresent()) {
        return Reach.of(settings, base, there.get(), session);
      }
      pause(end, "ZooKeeper does not serve");
    }
  }

  private void start(List<LaunchPlan.Start> starts) throws IOException {
    for (LaunchPlan.Start start : starts) {
      started.add(LaunchedProcess.start(start, options.logs()));
    }
  }

  private Launched await(Tree tree, long end) throws IOException, InterruptedException {
    while (true) {
      List<MemberRecord> workers = tree.members(session, Role.WORKER);
      List<MemberRecord> coordinators = tree.members(session, Role.COORDINATOR);
      if (workers.size() >= commands.workers() && coordinators.size() >= commands.coordinators()) {
        return new Launched(
            session, base.root().toString(), commands.programsSocket(), workers, coordinators);
      }
      pause(
          end,
          workers.size()
              + " of "
              + commands.workers()
              + " workers and "
              + coordinators.size()
              + " of "
              + commands.coordinators()
              + " coordinators are registered");
    }
  }

  private void pause(long end, String otherwise) throws IOException, InterruptedException {
    for (LaunchedProcess process : started) {
      process.requireAlive();
    }
    if (System.nanoTime() - end >= 0) {
      throw new IOException(
          "not launched after "
              + Units.formatDuration(options.patience())
              + ": "
              + otherwise
              + "; what they print is in "
              + options.logs()
              + started.stream().map(LaunchedProcess::lastLine).collect(Collectors.joining()));
    }
    TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
  }
}
