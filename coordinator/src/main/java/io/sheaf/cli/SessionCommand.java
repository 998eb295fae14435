package io.sheaf.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sheaf session}: only a name for its verbs. */
@Command(
    name = "session",
    description = "Starts sessions, shows them and ends them.",
    synopsisSubcommandLabel = "VERB",
    footer = {
      "",
      "Examples:",
      "  sheaf session status job7 --servers zk1:2181",
      "  sheaf session drain job7 --servers zk1:2181"
    })
final class SessionCommand implements Runnable {
  // Set by picocli before the command is called.
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  boolean help;

  private SessionCommand() {}

  static CommandLine create(Context context) {
    return new CommandLine(new SessionCommand())
        .addSubcommand(new LaunchCommand(context))
        .addSubcommand(new SessionsCommand(context))
        .addSubcommand(new StatusCommand(context))
        .addSubcommand(new PlanCommand(context))
        .addSubcommand(new DrainCommand(context))
        .addSubcommand(new CleanCommand(context));
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no verb given: launch, list, status, plan, drain or clean");
  }
}
