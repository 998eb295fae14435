package io.sheaf.cli;

import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Protection;
import io.sheaf.conf.Settings;
import io.sheaf.zkinit.Holder;
import io.sheaf.zkinit.PlanSession;
import io.sheaf.zkinit.PlannedAction;
import io.sheaf.zkinit.PlannedAction.Kind;
import io.sheaf.zkinit.TreePlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf zkinitree}. */
@Command(
    name = "zkinitree",
    description = {
      "Builds a tree of znodes with users and ACLs from a config file.",
      "Doing it twice changes nothing. Data of znodes that are there stay as they are."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf zkinitree --dry-run conf/zkinitree.cfg",
      "  sheaf zkinitree --servers zk1:2181/site conf/zkinitree.cfg",
      "  sheaf zkinitree --check --prune conf/zkinitree.cfg || echo differs"
    })
final class ZkInitreeCommand extends SheafCommand {
  /** Who the members are and where is not this command's matter: FILE says it. */
  private static final List<Key<?>> ABOUT_MEMBERS =
      List.of(Keys.ROOT, Keys.USER, Keys.PASSWORD_FILE, Keys.PASSWORD_ENV, Keys.CREDENTIALS);

  @Parameters(paramLabel = "FILE", description = "The tree: see conf/zkinitree.cfg.")
  @SuppressWarnings("NullAway.Init")
  private Path file;

  @Option(names = "--dry-run", description = "Print what would be done, change nothing.")
  private boolean dryRun;

  @Option(
      names = "--check",
      description = "Print how the tree differs, change nothing; end with 1 if it does.")
  private boolean check;

  @Option(
      names = "--prune",
      description = {
        "Remove znodes that FILE does not name under those that it does, with all below them; not",
        "under a section with prune=false, and not where somebody works: then end with 1."
      })
  private boolean prune;

  @Option(
      names = "--hold",
      description = "Stay, with the ephemeral znodes of FILE, until SIGTERM; then they go.")
  private boolean hold;

  ZkInitreeCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    List<Key<?>> keys = new ArrayList<>(KeyOptions.ZOOKEEPER);
    keys.removeAll(ABOUT_MEMBERS);
    return keys;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    TreePlan plan = TreePlan.read(file, context.environment());
    checkHold(plan);
    Settings settings = settings();
    try (PlanSession session =
        plan.connect(
            servers(plan, settings),
            settings.get(Keys.SESSION_TIMEOUT),
            settings.get(Keys.CONNECT_TIMEOUT),
            Protection.of(settings))) {
      List<PlannedAction> actions = compares() ? session.compare(prune) : session.apply(prune);
      print(actions);
      return hold ? hold(session, plan, status(actions)) : status(actions);
    }
  }

  private boolean compares() {
    return dryRun || check;
  }

  private void checkHold(TreePlan plan) {
    if (hold && compares()) {
      throw new UsageException("--hold changes the tree: leave out --dry-run and --check");
    }
    if (hold && plan.ephemerals().isEmpty()) {
      throw new UsageException(file + " has no ephemeral znode to hold: leave out --hold");
    }
    if (!hold && !compares()) {
      plan.requirePersistent();
    }
  }

  /** The option wins over the plan's own servers, these over environment and config files. */
  private String servers(TreePlan plan, Settings settings) {
    return given().containsKey(Keys.SERVERS.name())
        ? settings.get(Keys.SERVERS)
        : plan.servers().orElseGet(() -> settings.get(Keys.SERVERS));
  }

  private void print(List<PlannedAction> actions) {
    if (isJson()) {
      Json.print(out(), actions);
    } else {
      shown(actions).flatMap(action -> action.lines().stream()).forEach(out()::println);
    }
    out().flush();
    long undone = actions.stream().filter(PlannedAction::isLeftUndone).count();
    if (undone > 0) {
      tell("not as " + file + " says: " + undone + (undone == 1 ? " znode" : " znodes"));
    }
  }

  /** A difference is easier seen without what does not differ. */
  private Stream<PlannedAction> shown(List<PlannedAction> actions) {
    return actions.stream().filter(action -> !compares() || action.kind() != Kind.UNCHANGED);
  }

  private int status(List<PlannedAction> actions) {
    boolean failed =
        check ? TreePlan.differs(actions) : actions.stream().anyMatch(PlannedAction::isLeftUndone);
    return failed ? ExitStatus.FAILED : ExitStatus.DONE;
  }

  private int hold(PlanSession session, TreePlan plan, int status)
      throws IOException, InterruptedException {
    try (Holder holder = session.hold(path -> tell("made again: " + path))) {
      tell("holds " + String.join(", ", plan.ephemerals()) + " until SIGTERM");
      return Termination.during(
          holder::close,
          () -> {
            holder.await();
            return status;
          });
    }
  }

  private void tell(String message) {
    err().println("sheaf: " + message);
    err().flush();
  }
}
