package io.sheaf.cli;

import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program {@code sheaf}. */
@Command(
    name = "sheaf",
    versionProvider = Sheaf.Version.class,
    description = "Binds the many small files of a cluster job into a few zip archives.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  sheaf demo                                  see it work on this machine",
      "  sheaf local --base out -- python3 job.py    one program, everything around it",
      "  sheaf put result.txt out.zip/run1/          deposit a file",
      "  sheaf COMMAND --help                        options and examples of a command"
    })
public final class Sheaf implements Runnable {
  private static final List<String> COMMANDS =
      List.of(
          "demo",
          "local",
          "put",
          "append",
          "pickup",
          "exec",
          "ls",
          "cat",
          "verify",
          "recover",
          "adopt",
          "worker",
          "coordinator",
          "session",
          "zookeeper",
          "zkinitree",
          "client",
          "load",
          "generate-completion");

  /** They log as they go on; the others tell what a person wants to know. */
  private static final List<String> DAEMONS = List.of("worker", "coordinator", "zookeeper");

  // Set by picocli before the command is called.
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Print the version and exit.")
  boolean version;

  private Sheaf() {}

  /** Runs the command that the arguments name, and ends the process with its exit status. */
  public static void main(String[] args) {
    if (args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"))) {
      System.out.println(Version.text());
      return;
    }
    if (args.length > 0 && !DAEMONS.contains(args[0])) {
      DefaultLogLevel.quiet();
    }
    StandardOutput out = new StandardOutput();
    PrintWriter text = writer(out);
    PrintWriter err = writer(System.err);
    int status = run(Context.ofProcess(out), text, err, args);
    text.flush();
    Termination.exit(finish(status, out, err));
  }

  private static PrintWriter writer(OutputStream to) {
    return new PrintWriter(new OutputStreamWriter(to, StandardCharsets.UTF_8), true);
  }

  private static int run(Context context, PrintWriter out, PrintWriter err, String... args) {
    SheafCommand plain = PlainForm.of(context, args);
    if (plain != null) {
      return PlainForm.run(plain, out, err);
    }
    HeadStart.begin();
    return commandLine(context, args).setOut(out).setErr(err).execute(args);
  }

  /** What a command printed may not have arrived: then it has failed, whatever it says itself. */
  private static int finish(int status, StandardOutput out, PrintWriter err) {
    if (status != ExitStatus.DONE || out.lost().isEmpty()) {
      return status;
    }
    out.lost().ifPresent(e -> err.println("sheaf: " + Failures.line(e)));
    return ExitStatus.FAILED;
  }

  /**
   * The parser for some arguments. When they name a command, only that one is made: a short command
   * does not pay for the others.
   */
  static CommandLine commandLine(Context context, String... args) {
    CommandLine root = new CommandLine(new Sheaf());
    boolean one = args.length > 0 && COMMANDS.contains(args[0]) && !isCompletion(args[0]);
    for (String name : one ? List.of(args[0]) : COMMANDS) {
      root.addSubcommand(name, create(name, context));
    }
    prepare(root, ExitStatus.table());
    Failures failures = new Failures(context);
    root.setExecutionExceptionHandler(failures);
    root.setParameterExceptionHandler(failures);
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setUsageHelpAutoWidth(false);
    root.setColorScheme(CommandLine.Help.defaultColorScheme(ansi(context)));
    return root;
  }

  private static CommandLine.Help.Ansi ansi(Context context) {
    return context.terminal() ? CommandLine.Help.Ansi.AUTO : CommandLine.Help.Ansi.OFF;
  }

  private static boolean isCompletion(String name) {
    return name.equals("generate-completion");
  }

  private static Object create(String name, Context context) {
    return switch (name) {
      case "demo" -> new DemoCommand(context);
      case "local" -> new LocalCommand(context);
      case "put" -> new PutCommand(context);
      case "append" -> new AppendCommand(context);
      case "pickup" -> new PickupCommand(context);
      case "exec" -> new ExecCommand(context);
      case "ls" -> new ListCommand(context);
      case "cat" -> new CatCommand(context);
      case "verify" -> new VerifyCommand(context);
      case "recover" -> new RecoverCommand(context);
      case "adopt" -> new AdoptCommand(context);
      case "worker" -> new WorkerCommand(context);
      case "coordinator" -> new CoordinatorCommand(context);
      case "session" -> SessionCommand.create(context);
      case "zookeeper" -> new ZooKeeperCommand(context);
      case "zkinitree" -> new ZkInitreeCommand(context);
      case "client" -> new ClientCommand(context);
      case "load" -> new LoadCommand(context);
      case "generate-completion" -> new GenerateCompletion();
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static void prepare(CommandLine command, Map<String, String> statuses) {
    CommandSpec spec = command.getCommandSpec();
    if (spec.userObject() instanceof SheafCommand ours) {
      KeyOptions.add(spec, ours.keys());
    }
    spec.usageMessage().exitCodeListHeading("%nExit status:%n").exitCodeList(statuses);
    spec.usageMessage().sortOptions(false).width(100);
    command.getSubcommands().values().forEach(sub -> prepare(sub, statuses));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command given");
  }

  /** The version that the jar's manifest states; {@code dev} when run from class files. */
  static final class Version implements IVersionProvider {
    static String text() {
      @Nullable String version = Sheaf.class.getPackage().getImplementationVersion();
      return "sheaf " + (version == null ? "dev" : version);
    }

    @Override
    public String[] getVersion() {
      return new String[] {text()};
    }
  }
}
