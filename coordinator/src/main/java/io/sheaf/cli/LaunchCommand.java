package io.sheaf.cli;

import io.sheaf.conf.DefaultSocket;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import io.sheaf.session.Launch;
import io.sheaf.session.LaunchOptions;
import io.sheaf.session.LaunchPlan;
import io.sheaf.session.ShellWord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf session launch}. */
@Command(
    name = "launch",
    description = {
      "Starts a whole session: coordinators, workers, and inside the job a ZooKeeper that only you"
          + " can use, when no servers are configured. Waits until all are registered and prints the"
          + " environment that programs need, for a shell to eval.",
      "What an earlier run of the session has left, after a crash or a requeue, is gone on with."
          + " Other parameters than it had make it be cleaned up first."
    },
    footer = {
      "",
      "Examples:",
      "  eval \"$(sheaf session launch job7 -r /scratch/me/out)\"",
      "  eval \"$(sheaf session launch $SLURM_JOB_ID -r /scratch/me/out --launcher srun"
          + " --coordinators 2)\"",
      "  sheaf session launch job7 -r /nfs/out --launcher ssh --hosts a,b,c --ensemble 3 --dry-run"
    })
final class LaunchCommand extends SessionVerb {
  private static final Pattern SPACE = Pattern.compile("\\s+");

  @Option(
      names = "--launcher",
      paramLabel = "WORD",
      description =
          "How processes are started on other nodes: ${COMPLETION-CANDIDATES} (default: srun inside"
              + " a Slurm job, else local).")
  private LaunchOptions.@Nullable Kind launcher;

  @Option(
      names = "--hosts",
      paramLabel = "HOST",
      split = ",",
      description = "The nodes, for --launcher ssh.")
  private List<String> hosts = List.of();

  @Option(
      names = "--coordinators",
      paramLabel = "N",
      description = "How many; on different nodes (default: ${DEFAULT-VALUE}).")
  private int coordinators = 1;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "How many, or per-node for one on each (default: ${DEFAULT-VALUE}).")
  private String workers = "per-node";

  @Option(
      names = "--ensemble",
      paramLabel = "N",
      description =
          "Servers of the ZooKeeper inside the job, 1 or 3: with 3 it outlives the loss of a node"
              + " (default: ${DEFAULT-VALUE}).")
  private int ensemble = 1;

  @Option(
      names = "--remote",
      paramLabel = "COMMAND",
      description = "The ssh or srun to use, with options, as \"ssh -F my.conf\".")
  private String remote = "";

  @Option(
      names = "--logs",
      paramLabel = "DIR",
      description =
          "Directory on this node for what members print (default: beside the socket,"
              + " sheaf-<uid>/NAME).")
  private @Nullable Path logs;

  @Option(
      names = "--timeout",
      paramLabel = "VALUE",
      description = "Give up when not all are registered by then (default: ${DEFAULT-VALUE}).")
  private String timeout = "2m";

  @Option(names = "--dry-run", description = "Print the commands that would be run, run none.")
  private boolean dryRun;

  LaunchCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return KeyOptions.join(
        KeyOptions.SESSION,
        KeyOptions.parameters(),
        KeyOptions.section("worker"),
        KeyOptions.section("coordinator"),
        KeyOptions.ZOOKEEPER,
        KeyOptions.section("daemon"));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = settings();
    LaunchOptions options = options(settings);
    if (dryRun) {
      print(Launch.plan(settings, options));
      return ExitStatus.DONE;
    }
    Disk disk = new SystemDisk();
    Launch.Launched launched =
        Launch.run(
            settings, options, disk, Clock.systemUTC(), line -> err().println("sheaf: " + line));
    if (isJson()) {
      Json.print(out(), launched);
    } else {
      export(Keys.SESSION, launched.session());
      export(Keys.BASE, launched.base());
      export(Keys.SOCKET, launched.socket());
    }
    return ExitStatus.DONE;
  }

  private LaunchOptions options(Settings settings) {
    if (ensemble != 1 && ensemble != 3) {
      throw new UsageException("--ensemble " + ensemble + ": a ZooKeeper has 1 server here, or 3");
    }
    if (coordinators < 1) {
      throw new UsageException("--coordinators " + coordinators + ": it takes one at least");
    }
    String session = settings.get(Keys.SESSION);
    Path directory =
        logs != null ? logs : DefaultSocket.directory(context.environment()).resolve(session);
    return new LaunchOptions(
        kind(),
        hosts,
        remote.isBlank() ? List.of() : List.of(SPACE.split(remote.strip())),
        coordinators,
        workers(),
        ensemble,
        directory.toAbsolutePath(),
        Durations.option("--timeout", timeout));
  }

  private LaunchOptions.Kind kind() {
    if (launcher != null) {
      return launcher;
    }
    boolean job = context.environment().containsKey("SLURM_JOB_NODELIST");
    return job ? LaunchOptions.Kind.srun : LaunchOptions.Kind.local;
  }

  private int workers() {
    if (workers.equals("per-node")) {
      return LaunchOptions.PER_NODE;
    }
    try {
      int count = Integer.parseInt(workers);
      if (count >= 1) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new UsageException("--workers " + workers + " is no number of workers, nor per-node");
  }

  private void export(Key<?> key, String value) {
    out().println("export " + key.variable() + "=" + ShellWord.quoted(value));
  }

  private void print(LaunchPlan plan) {
    if (isJson()) {
      Json.print(out(), plan);
      return;
    }
    plan.servers().forEach(this::print);
    plan.members().forEach(this::print);
  }

  private void print(LaunchPlan.Start start) {
    StringBuilder line = new StringBuilder();
    start.command().forEach(word -> line.append(' ').append(shown(word)));
    out().println(start.name() + ":" + line);
  }

  private static String shown(String word) {
    return word.matches("[\\w@%+=:,./-]+") ? word : ShellWord.quoted(word);
  }
}
