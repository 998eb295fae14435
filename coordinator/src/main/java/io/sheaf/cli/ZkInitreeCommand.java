package io.sheaf.cli;

import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.zkinit.PlannedAction;
import io.sheaf.zkinit.TreePlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf zkinitree}. */
@Command(
    name = "zkinitree",
    description = {
      "Builds a tree of znodes with users and ACLs from a config file.",
      "Doing it twice changes nothing."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf zkinitree --dry-run conf/zkinitree.cfg",
      "  sheaf zkinitree --servers zk1:2181 conf/zkinitree.cfg",
      "  sheaf zkinitree --check conf/zkinitree.cfg || echo differs"
    })
final class ZkInitreeCommand extends SheafCommand {
  @Parameters(paramLabel = "FILE", description = "The tree: see conf/zkinitree.cfg.")
  @SuppressWarnings("NullAway.Init")
  private Path file;

  @Option(names = "--dry-run", description = "Print what would be done, change nothing.")
  private boolean dryRun;

  @Option(names = "--check", description = "Change nothing; end with 1 if the tree differs.")
  private boolean check;

  ZkInitreeCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return List.of(Keys.SERVERS, Keys.CONNECT_TIMEOUT);
  }

  @Override
  public Integer call() {
    TreePlan plan = TreePlan.read(file, context.environment());
    Settings settings = settings();
    // The option wins over the plan's own servers, these over environment and defaults.
    String servers =
        given().containsKey(Keys.SERVERS.name())
            ? settings.get(Keys.SERVERS)
            : plan.servers().orElseGet(() -> settings.get(Keys.SERVERS));
    Duration timeout = settings.get(Keys.CONNECT_TIMEOUT);
    List<PlannedAction> actions =
        dryRun || check ? plan.compare(servers, timeout) : plan.apply(servers, timeout);
    if (isJson()) {
      Json.print(out(), actions);
    } else {
      actions.forEach(action -> out().println(action.line()));
    }
    boolean same = actions.stream().allMatch(a -> a.kind() == PlannedAction.Kind.UNCHANGED);
    return check && !same ? ExitStatus.FAILED : ExitStatus.DONE;
  }
}
