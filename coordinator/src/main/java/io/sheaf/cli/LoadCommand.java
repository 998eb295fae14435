package io.sheaf.cli;

import io.sheaf.conf.Durability;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.NodeNames;
import io.sheaf.conf.Settings;
import io.sheaf.load.Counts;
import io.sheaf.load.Load;
import io.sheaf.load.LoadPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf load}. */
@Command(
    name = "load",
    description = {
      "Deposits made-up files with the worker of this node, to try a cluster, until SIGTERM, and"
          + " writes down what was sent and what was answered.",
      "What the worker answered for must be in its archive once, whatever is done to the cluster"
          + " meanwhile, and all else once or not at all. Once the session is drained,"
          + " 'docker/account.py BASE ACCOUNT...' looks that up, without Sheaf."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf load -N job7 --account load.account",
      "  sheaf load --socket /run/sheaf/worker.sock --account load.account --rate 0 --for 1m",
      "  sheaf load -N job7 --account load.account --name $(hostname) --again 0.2 --durability fsync"
    })
final class LoadCommand extends SheafCommand {
  private static final long COUNTS_SECONDS = 10;

  @Option(
      names = "--account",
      required = true,
      paramLabel = "FILE",
      description = "File to which a line is added for all that is sent, answered or failed.")
  private @Nullable Path account;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Begins the names of the entries (default: this host).")
  private @Nullable String name;

  @Option(
      names = "--archives",
      paramLabel = "N",
      description = "Archives, load-0.zip and on (default: ${DEFAULT-VALUE}).")
  private int archives = 20;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description =
          "Deposits a second; 0 is as fast as the worker takes them (default: ${DEFAULT-VALUE}).")
  private double rate = 100;

  @Option(
      names = "--size",
      paramLabel = "FROM-TO",
      description = "Bytes of a file (default: ${DEFAULT-VALUE}).")
  private String size = "10-20000";

  @Option(
      names = "--large",
      paramLabel = "SHARE",
      description = "Share of files of 1 to 3 MiB (default: ${DEFAULT-VALUE}).")
  private double large = 0.002;

  @Option(
      names = "--again",
      paramLabel = "SHARE",
      description =
          "Share of deposits under a name that has been used, with other contents: for a session"
              + " with duplicates=all, which keeps them all (default: ${DEFAULT-VALUE}).")
  private double again = 0.05;

  @Option(
      names = "--streams",
      paramLabel = "SHARE",
      description = "Share of deposits that do not say their length (default: ${DEFAULT-VALUE}).")
  private double streams = 0.05;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Repeats the choices of another run, which has printed it.")
  private @Nullable Long seed;

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      description = "How long to deposit, as 30s or 5m (default: until SIGTERM or SIGINT).")
  private @Nullable String duration;

  LoadCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return DEPOSIT_KEYS;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = settings();
    LoadPlan plan = plan(settings);
    Duration time = duration == null ? null : Durations.option("--for", duration);
    if (account == null) {
      throw new UsageException("no --account given: where is it to write what was answered?");
    }
    Load load = Load.of(plan, settings, account, line -> err().println("sheaf: " + line));
    err().println("sheaf: seed of the load: --seed " + plan.seed());
    Counts counts = during(load, time);
    if (isJson()) {
      Json.print(out(), counts);
    } else {
      print(counts);
    }
    return ExitStatus.DONE;
  }

  private Counts during(Load load, @Nullable Duration time)
      throws IOException, InterruptedException {
    ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "load-counts");
              thread.setDaemon(true);
              return thread;
            });
    Counts[] counts = new Counts[1];
    try {
      if (!isJson()) {
        ScheduledFuture<?> unused =
            clock.scheduleAtFixedRate(
                () -> print(load.counts()), COUNTS_SECONDS, COUNTS_SECONDS, TimeUnit.SECONDS);
      }
      if (time != null) {
        ScheduledFuture<?> unused =
            clock.schedule(load::stop, time.toMillis(), TimeUnit.MILLISECONDS);
      }
      int unused =
          Termination.during(
              load::stop,
              () -> {
                counts[0] = load.run();
                return ExitStatus.DONE;
              });
      return counts[0];
    } finally {
      clock.shutdownNow();
    }
  }

  private LoadPlan plan(Settings settings) {
    Durability durability =
        settings.isExplicit(Keys.DURABILITY) ? settings.get(Keys.DURABILITY) : null;
    int[] sizes = sizes();
    if (archives < 1 || archives > 100_000) {
      throw new UsageException("--archives " + archives + ": use 1 to 100000");
    }
    if (!(rate >= 0 && rate <= 1e6)) {
      throw new UsageException("--rate " + rate + " is no rate: use 0 to 1000000");
    }
    return new LoadPlan(
        name(),
        archives,
        rate,
        sizes[0],
        sizes[1],
        share("--large", large),
        share("--again", again),
        share("--streams", streams),
        seed == null ? System.nanoTime() : seed,
        durability);
  }

  private String name() {
    String own =
        name == null ? NodeNames.of(context.environment()).getOrDefault("host", "localhost") : name;
    if (!own.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")) {
      throw new UsageException("--name " + own + ": use letters, digits, '_', '-' and '.'");
    }
    return own;
  }

  private int[] sizes() {
    if (size.matches("\\d{1,9}-\\d{1,9}")) {
      int dash = size.indexOf('-');
      int from = Integer.parseInt(size.substring(0, dash));
      int to = Integer.parseInt(size.substring(dash + 1));
      if (from >= LoadPlan.SMALLEST && to >= from) {
        return new int[] {from, to};
      }
    }
    throw new UsageException(
        "--size " + size + ": give it as 10-20000, from " + LoadPlan.SMALLEST + " bytes on");
  }

  private static double share(String option, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new UsageException(option + " " + value + " is no share: use 0 to 1");
    }
    return value;
  }

  private void print(Counts counts) {
    out()
        .println(
            "sent "
                + Text.count(counts.sent())
                + ", answered "
                + Text.count(counts.answered())
                + " ("
                + Text.bytes(counts.bytes())
                + "), failed "
                + Text.count(counts.failed())
                + ", in flight "
                + Text.count(counts.inFlight()));
    out().flush();
  }
}
