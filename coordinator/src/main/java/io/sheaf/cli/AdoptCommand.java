package io.sheaf.cli;

import io.sheaf.adopt.Adoption;
import io.sheaf.adopt.Delivery;
import io.sheaf.adopt.RearLock;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BaseWatch;
import io.sheaf.batch.MixedFiles;
import io.sheaf.batch.WatchedDisk;
import io.sheaf.conf.ConfException;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.daemon.Service;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf adopt}. */
@Command(
    name = "adopt",
    customSynopsis = {
      "sheaf adopt [OPTIONS]",
      "       sheaf adopt [OPTIONS] FILE...",
    },
    description = {
      "Takes in zips that others made: the temp zips that rear's workers leave in BASE/inbox, as"
          + " 'rear-scavenger -d BASE' does, and merges them with all that is pending.",
      "With FILE, or - for standard input: takes in a batch of Sheaf's own, or a zip in rear's form,"
          + " that some transport brings, twice and in any order. It is durable when this ends with 0."
          + " It is merged by the coordinators of a session, by the next 'sheaf adopt', or with"
          + " --merge.",
      "Of several entries of one name in rear's zips the first wins, unless --duplicates says"
          + " otherwise. Where a session is open on the base directory, its coordinators merge, and"
          + " its parameters hold."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf adopt -d out                            in place of rear-scavenger -d out",
      "  sheaf adopt -d out --flush                    all writers have ended",
      "  sheaf adopt -d out --interval 5m --daemon",
      "  sheaf adopt -r out -N job7 --servers zk1:2181",
      "  fspl queue-process -q queue --order-by=Timestamp sheaf -- adopt -r out -"
    })
final class AdoptCommand extends DaemonCommand {
  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description = "What a transport has brought, - for standard input; it is left where it is.")
  private List<String> files = List.of();

  @Option(
      names = {"-d", "--dir"},
      paramLabel = "DIR",
      description = "The base directory, as rear calls it; the same as --base.")
  private @Nullable String directory;

  @Option(
      names = "--rotation",
      paramLabel = "SECONDS",
      description =
          "Time after which rear's workers begin another zip, in seconds or as 5m; one and a half"
              + " times that a zip is left to its writer (default: ${DEFAULT-VALUE}).")
  private String rotation = "300";

  @Option(
      names = "--flush",
      description =
          "Take all zips in the inbox, whatever their age: no writer is at work any more.")
  private boolean flush;

  @Option(
      names = "--interval",
      paramLabel = "VALUE",
      description =
          "Go on, and look again after so long; until SIGTERM (default with --daemon: the"
              + " rotation).")
  private @Nullable String interval;

  @Option(names = "--merge", description = "With FILE: merge what is pending right away.")
  private boolean merge;

  AdoptCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return KeyOptions.join(
        KeyOptions.SESSION,
        List.of(
            Keys.MERGE_THREADS,
            Keys.DUPLICATES,
            Keys.ORDER,
            Keys.GAP_TIMEOUT,
            Keys.COMMIT,
            Keys.ARCHIVE_MAX_BYTES,
            Keys.ARCHIVE_MAX_ENTRIES,
            Keys.SYMLINKS),
        KeyOptions.ZOOKEEPER,
        KeyOptions.DAEMON);
  }

  @Override
  Settings settings() {
    return directory == null
        ? super.settings()
        : settings(Map.of(Keys.BASE.name(), Path.of(directory).toAbsolutePath().toString()));
  }

  @Override
  void check(Settings settings) {
    if (settings.find(Keys.BASE).isEmpty()) {
      throw new ConfException("no base directory: give it with -d, --base or SHEAF_BASE");
    }
    Duration unused = rotation();
    if (!files.isEmpty() && (interval != null || flush)) {
      throw new UsageException("--interval and --flush are for an inbox, not for FILE");
    }
  }

  /** Who goes on in the background looks again and again. */
  @Override
  List<String> arguments() {
    List<String> arguments = new ArrayList<>(super.arguments());
    if (interval == null) {
      arguments.addAll(List.of("--interval", rotation().toMillis() + "ms"));
    }
    return arguments;
  }

  private Duration rotation() {
    boolean bare = rotation.matches("\\d{1,9}");
    return Durations.option("--rotation", bare ? rotation + "s" : rotation);
  }

  @Override
  int serve(Settings settings, Service service) throws IOException, InterruptedException {
    SystemDisk disk = new SystemDisk();
    BaseDirectory base = BaseDirectory.open(disk, settings.get(Keys.BASE));
    Disk watched = new WatchedDisk(disk, base, new BaseWatch(disk, base));
    MixedFiles mixed = new MixedFiles(watched, base);
    try (AdoptedMerge merging = AdoptedMerge.of(this, settings, watched, base, mixed)) {
      if (!files.isEmpty()) {
        return deliver(watched, base, merging);
      }
      Adoption adoption = new Adoption(watched, base, new RearLock(), Clock.systemUTC(), mixed);
      return interval == null
          ? once(adoption, merging)
          : again(adoption, merging, Durations.option("--interval", interval), base, service);
    }
  }

  private int once(Adoption adoption, AdoptedMerge merging)
      throws IOException, InterruptedException {
    AdoptionOutcome outcome = run(adoption, merging);
    outcome.print(this);
    return outcome.status();
  }

  private AdoptionOutcome run(Adoption adoption, AdoptedMerge merging)
      throws IOException, InterruptedException {
    AdoptionOutcome outcome = new AdoptionOutcome(List.of());
    outcome.adopted(adoption.take(new Adoption.Options(rotation(), flush)));
    merging.run(outcome);
    adoption.settle();
    return outcome;
  }

  private int again(
      Adoption adoption, AdoptedMerge merging, Duration pause, BaseDirectory base, Service service)
      throws IOException, InterruptedException {
    CountDownLatch stop = new CountDownLatch(1);
    ready(service, "adopts in " + base.root(), Map.of("base", base.root().toString()));
    return Termination.during(
        () -> {
          service.stopping("leaving: ending merges");
          stop.countDown();
        },
        () -> {
          do {
            pass(adoption, merging);
          } while (!stop.await(pause.toMillis(), TimeUnit.MILLISECONDS));
          return ExitStatus.DONE;
        });
  }

  /** Trouble is told, and may be over the next time. */
  private void pass(Adoption adoption, AdoptedMerge merging) throws InterruptedException {
    try {
      AdoptionOutcome outcome = run(adoption, merging);
      if (outcome.isNews()) {
        outcome.print(this);
      }
    } catch (IOException | RuntimeException e) {
      err().println("sheaf: " + Failures.line(e));
    }
  }

  private int deliver(Disk disk, BaseDirectory base, AdoptedMerge merging)
      throws IOException, InterruptedException {
    Delivery delivery = new Delivery(disk, base, Clock.systemUTC());
    List<Delivery.Delivered> delivered = new ArrayList<>();
    for (String file : files) {
      delivered.add(
          file.equals("-")
              ? delivery.deliver(context.in(), "standard input", second())
              : delivery.deliver(Path.of(file), file, second()));
    }
    AdoptionOutcome outcome = new AdoptionOutcome(delivered);
    if (merge) {
      merging.run(outcome);
    } else {
      merging.publish(delivered);
    }
    outcome.print(this);
    return outcome.status();
  }

  /** When the sender made it, as a queue of Filespooler's tells; 0 when nobody does. */
  private long second() {
    String text = context.variable("FSPL_CTIME_SECS", "");
    return text.matches("\\d{1,12}") ? Long.parseLong(text) : 0;
  }
}
