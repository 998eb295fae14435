package io.sheaf.session;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Credentials;
import io.sheaf.conf.CredentialsFile;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.SystemDisk;
import io.sheaf.scavenge.SessionSummary;
import io.sheaf.session.Children.Child;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.StatsRecord;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeException;
import io.sheaf.tree.TreeOptions;
import io.sheaf.zkinit.EmbeddedZooKeeper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The whole of Sheaf on one machine: an embedded ZooKeeper, two workers, two coordinators and four
 * writers, each a process, bind every file of a directory tree into a few archives; then every byte
 * is compared.
 */
public final class Demo {
  private static final String SESSION = "demo";
  private static final String CREDENTIALS = "credentials.json";
  private static final int ARCHIVES = 8;
  private static final int WORKERS = 2;
  private static final int COORDINATORS = 2;
  private static final int WRITERS = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(30);
  private static final Duration START = Duration.ofMinutes(1);
  private static final Duration LOOK = Duration.ofMillis(100);

  private final Path base;
  private final DemoTree tree;
  private final DemoGroups groups;
  private final DemoProgress progress;
  private final ScratchDirectory scratch;
  private final Children children;
  private final String servers;

  private Demo(
      Path base,
      DemoTree tree,
      DemoProgress progress,
      ScratchDirectory scratch,
      Children children,
      String servers) {
    this.base = base;
    this.tree = tree;
    this.groups = new DemoGroups(tree.files(), ARCHIVES);
    this.progress = progress;
    this.scratch = scratch;
    this.children = children;
    this.servers = servers;
  }

  /**
   * Runs it. No process that it started is left when this returns or throws.
   *
   * @param from the tree; nothing in it is changed
   * @param base where the archives go: a directory that is empty or not there
   */
  public static DemoResult run(Path from, Path base, DemoProgress progress)
      throws IOException, InterruptedException {
    DemoTree tree = DemoTree.scan(from, base);
    progress.found(tree);
    if (tree.files().isEmpty()) {
      throw new IOException(from + " holds no file that can be read: give a tree with --from");
    }
    BaseDirectory.create(new SystemDisk(), base);
    progress.step(
        "starting ZooKeeper, " + WORKERS + " workers and " + COORDINATORS + " coordinators");
    Credentials credentials = Credentials.random();
    try (ScratchDirectory scratch = ScratchDirectory.create("sheaf-demo-");
        EmbeddedZooKeeper server =
            EmbeddedZooKeeper.builder(scratch.resolve("zookeeper"))
                .credentials(credentials)
                .start();
        Children children = new Children()) {
      CredentialsFile.create(scratch.resolve(CREDENTIALS), credentials);
      return new Demo(base, tree, progress, scratch, children, server.servers()).run();
    }
  }

  private DemoResult run() throws IOException, InterruptedException {
    Settings settings =
        Settings.builder()
            .option(Keys.SERVERS, servers)
            .option(Keys.CREDENTIALS, scratch.resolve(CREDENTIALS).toString())
            .option(Keys.SESSION, SESSION)
            .option(Keys.BASE, base.toString())
            .build();
    List<Path> lists = writeLists();
    List<Child> members = startMembers();
    try (Tree znodes = Tree.connect(TreeOptions.of(settings))) {
      long begun = System.nanoTime();
      progress.step(WRITERS + " writers deposit");
      deposit(lists, members, znodes);
      long deposited = System.nanoTime();
      progress.step("draining: workers flush, coordinators merge");
      drain(members, znodes);
      long merged = System.nanoTime();
      SessionSummary summary = summary();
      progress.step("comparing every byte");
      DemoCheck.Result check = DemoCheck.run(tree, groups, base, same -> {});
      return result(summary, check, begun, deposited, merged);
    }
  }

  /** Deals the files out to the writers; NUL ends each path, for a path may hold anything else. */
  private List<Path> writeLists() throws IOException {
    List<Path> lists = new ArrayList<>();
    for (int w = 0; w < WRITERS; w++) {
      Path list = scratch.resolve("files-" + w);
      try (BufferedWriter out = Files.newBufferedWriter(list)) {
        for (int i = w; i < tree.files().size(); i += WRITERS) {
          String path = tree.files().get(i).path();
          String target = groups.archive(path) + "/" + path;
          out.write(tree.root().resolve(path).toAbsolutePath() + "\0" + target + "\0");
        }
      }
      lists.add(list);
    }
    return lists;
  }

  private List<Child> startMembers() throws IOException, InterruptedException {
    List<Child> members = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      List<String> arguments = member("worker");
      arguments.addAll(List.of("--socket", socket(i).toString()));
      members.add(start("worker " + (i + 1), arguments));
    }
    for (int i = 0; i < COORDINATORS; i++) {
      members.add(start("coordinator " + (i + 1), member("coordinator")));
    }
    long end = System.nanoTime() + START.toNanos();
    for (int i = 0; i < WORKERS; i++) {
      awaitWorker(i, members, end);
    }
    return members;
  }

  private List<String> member(String role) {
    List<String> arguments = new ArrayList<>(List.of(role, "--servers", servers));
    arguments.addAll(List.of("--credentials", scratch.resolve(CREDENTIALS).toString()));
    arguments.addAll(List.of("--session", SESSION, "--base", base.toString()));
    // Short, so that merges can be watched while files are still coming. Whoever comes first
    // creates the session, so all must bring the same.
    arguments.addAll(List.of("--rotate-interval", "1s", "--rotate-bytes", "16M"));
    return arguments;
  }

  private Child start(String name, List<String> arguments) throws IOException {
    return children.start(name, arguments, scratch.resolve(name.replace(' ', '-') + ".log"));
  }

  private Path socket(int worker) {
    return scratch.resolve("worker-" + (worker + 1) + ".sock");
  }

  private void awaitWorker(int worker, List<Child> members, long end)
      throws IOException, InterruptedException {
    while (true) {
      try {
        WorkerStatus.of(socket(worker));
        return;
      } catch (IOException e) {
        if (System.nanoTime() - end > 0) {
          throw new IOException("worker " + (worker + 1) + " does not serve its socket", e);
        }
      }
      ensureAlive(members);
      pause(members.get(worker));
    }
  }

  /** Waits a moment, or until a process ends. */
  private static boolean pause(Child child) throws InterruptedException {
    return child.process().waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void ensureAlive(List<Child> members) throws IOException {
    for (Child member : members) {
      if (!member.process().isAlive()) {
        throw member.failure();
      }
    }
  }

  private void deposit(List<Path> lists, List<Child> members, Tree znodes)
      throws IOException, InterruptedException {
    List<Child> writers = new ArrayList<>();
    for (int w = 0; w < WRITERS; w++) {
      writers.add(
          start(
              "writer " + (w + 1),
              List.of(
                  "put",
                  "--null",
                  "--socket",
                  socket(w % WORKERS).toString(),
                  "--files-from",
                  lists.get(w).toString(),
                  "--directory",
                  tree.root().toAbsolutePath().toString(),
                  "--other-owners",
                  "--hard-links")));
    }
    for (Child writer : writers) {
      while (!pause(writer)) {
        ensureAlive(members);
        look(znodes);
      }
      if (writer.process().exitValue() != 0) {
        throw writer.failure();
      }
    }
    look(znodes);
  }

  private void look(Tree znodes) {
    long files = 0;
    long bytes = 0;
    for (int i = 0; i < WORKERS; i++) {
      try {
        WorkerStatus status = WorkerStatus.of(socket(i));
        files += status.deposits();
        bytes += status.bytes();
      } catch (IOException e) {
        // It has left: what it took is in the coordinators' numbers only.
        files = tree.files().size();
        bytes = tree.bytes();
        break;
      }
    }
    progress.at(files, bytes, Math.max(0, files - merged(znodes)));
  }

  private static long merged(Tree znodes) {
    try {
      return znodes.stats(SESSION).values().stream()
          .map(StatsRecord::values)
          .mapToLong(values -> values.getOrDefault("entries", 0L))
          .sum();
    } catch (TreeException e) {
      return 0;
    }
  }

  private void drain(List<Child> members, Tree znodes) throws IOException, InterruptedException {
    try (Drain drain = Drain.begin(znodes, SESSION)) {
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (!drain.await(LOOK, now -> {})) {
        look(znodes);
        if (System.nanoTime() - end > 0) {
          throw new IOException("not drained after " + PATIENCE.toMinutes() + " minutes");
        }
      }
    } catch (NoSuchSessionException e) {
      throw new IOException("the session has gone before it was drained", e);
    }
    progress.at(tree.files().size(), tree.bytes(), 0);
    for (Child member : members) {
      member.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private SessionSummary summary() throws IOException {
    SystemDisk disk = new SystemDisk();
    return SessionSummary.read(disk, BaseDirectory.open(disk, base), SESSION)
        .orElseThrow(() -> new IOException("the session has left no summary in " + base));
  }

  private DemoResult result(
      SessionSummary summary, DemoCheck.Result check, long begun, long deposited, long merged)
      throws IOException {
    List<DemoResult.Archive> archives = new ArrayList<>();
    for (var e : check.entries().entrySet()) {
      long size = Files.size(base.resolve(e.getKey()));
      archives.add(new DemoResult.Archive(e.getKey(), e.getValue(), size));
    }
    return new DemoResult(
        base,
        tree.files().size(),
        tree.bytes(),
        tree.symlinks(),
        tree.unreadable(),
        tree.special(),
        archives,
        tree.files().size(),
        filesIn(base),
        check.same(),
        check.differences(),
        seconds(deposited - begun),
        seconds(merged - deposited),
        seconds(System.nanoTime() - merged),
        summary);
  }

  private static long filesIn(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).count();
    }
  }

  private static double seconds(long nanos) {
    return Math.round(nanos / 1e6) / 1e3;
  }
}
