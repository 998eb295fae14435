package io.sheaf.cli;

import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import io.sheaf.conf.Durability;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.AppendOptions;
import io.sheaf.exec.Exec;
import io.sheaf.exec.ExecPlan;
import io.sheaf.exec.Glob;
import io.sheaf.exec.TargetTemplate;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf exec}. */
@Command(
    name = "exec",
    customSynopsis = "sheaf exec [OPTIONS] -- CMD...",
    description = {
      "Runs a command; its output becomes entries while it runs, and files that it leaves do when it"
          + " has ended.",
      "In targets %%h is the host, %%p the number of this process, %%j Slurm's job (nojob outside of"
          + " one), %%t the task in it (0 outside), %%%% a percent sign. Tasks of one step need"
          + " targets of their own: give them %%t.",
      "The command never waits for a worker. One that is away, at the start or later, is waited for"
          + " as long as the command runs and then for --resend-time. What could not be deposited"
          + " is then in sheaf-exec-PID-....log in the working directory; files stay where they are.",
      "SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGTSTP and SIGCONT are passed on; a terminal's"
          + " Ctrl-C reaches the command by itself. sheaf ends with the command's status, 128 and"
          + " the signal's number where one ended it, 126 or 127 when it cannot be run or is not"
          + " there. If the command ended with 0 and not all was deposited it is 74.",
      "Only descriptors 0, 1 and 2 are passed on to the command."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf exec --stdout out.zip/run1/log --stderr out.zip/run1/log -- ./simulate in.dat",
      "  srun sheaf exec --stdout out.zip/%%j/%%t.out --stderr out.zip/%%j/%%t.err -- ./simulate",
      "  sheaf exec --success-only --collect 'out/**' --into out.zip/%%j/ -- make"
    })
final class ExecCommand extends SheafCommand {
  @Parameters(arity = "1..*", paramLabel = "CMD", description = "The command and its arguments.")
  private List<String> command = List.of();

  @Option(
      names = "--stdout",
      paramLabel = "TARGET",
      description = "Where standard output goes, as out.zip/log.txt; else it stays where it is.")
  private @Nullable String stdout;

  @Option(
      names = "--stderr",
      paramLabel = "TARGET",
      description =
          "The same for standard error; one target for both keeps the order of what comes.")
  private @Nullable String stderr;

  @Option(names = "--segment", paramLabel = "LIMIT", description = Segments.DESCRIPTION)
  private @Nullable String segment;

  @Option(names = "--tee", description = "Pass the output on as well.")
  private boolean tee;

  @Option(
      names = "--collect",
      paramLabel = "GLOB",
      description =
          "Pick up the files that match when the command has ended, and remove them: 'out/**',"
              + " '*.csv'. Relative to the working directory; links are left out, other users' files"
              + " and hard links refused. May be given several times.")
  private List<String> collect = List.of();

  @Option(
      names = "--into",
      paramLabel = "ARCHIVE.zip/DIR/",
      description =
          "Where those go, each under its path (default: beside the entry of --stdout or --stderr).")
  private @Nullable String into;

  @Option(names = "--keep", description = "Leave the files that are picked up where they are.")
  private boolean keep;

  @Option(
      names = "--success-only",
      description =
          "Make entries only if the command ends with 0. Its output is held back until then; if it"
              + " fails it goes to standard output and error, and files stay.")
  private boolean successOnly;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      description =
          "How long processes that the command left may go on writing to its output (default:"
              + " ${DEFAULT-VALUE}).")
  private String grace = "5s";

  ExecCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return DEPOSIT_KEYS;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = settings();
    try (Exec exec = new Exec(plan(settings), settings)) {
      String away = exec.findWorker();
      if (away != null) {
        err().println("sheaf: " + away + "; the command runs, and what it prints waits for one");
      }
      Exec.Result result = exec.run(command, ChildCommand::start);
      if (isJson()) {
        Json.print(out(), result);
      }
      result.notes().forEach(line -> err().println("sheaf: " + line));
      result.problems().forEach(line -> err().println("sheaf: " + line));
      boolean undeposited = result.status() == 0 && !result.problems().isEmpty();
      return undeposited ? ExitStatus.NOT_DEPOSITED : result.status();
    }
  }

  private ExecPlan plan(Settings settings) {
    Durability durability =
        settings.isExplicit(Keys.DURABILITY) ? settings.get(Keys.DURABILITY) : null;
    String out = target("--stdout", stdout);
    String err = target("--stderr", stderr);
    return new ExecPlan(
        out,
        err,
        new AppendOptions(durability, Segments.option(segment), null, true),
        collect.stream().map(Glob::parse).toList(),
        collect.isEmpty() ? "" : prefix(out == null ? err : out),
        keep,
        successOnly,
        tee,
        Durations.option("--grace", grace));
  }

  private @Nullable String target(String option, @Nullable String template) {
    if (template == null) {
      return null;
    }
    String target = TargetTemplate.expand(template, context.environment());
    check(option, target);
    return target;
  }

  private static void check(String option, String target) {
    try {
      if (target.endsWith("/")) {
        throw new UsageException(option + " " + target + ": a log needs a name, not a directory's");
      }
      Target unused = Target.parse(target);
    } catch (BadTargetException e) {
      throw new UsageException(option + " " + target + ": " + e.getMessage());
    }
  }

  /** What the targets of collected files begin with. */
  private String prefix(@Nullable String log) {
    if (into == null && log == null) {
      throw new UsageException("--collect needs --into ARCHIVE.zip/DIR/");
    }
    String prefix =
        into == null
            ? String.valueOf(log).substring(0, String.valueOf(log).lastIndexOf('/') + 1)
            : TargetTemplate.expand(into, context.environment());
    String directory = prefix.endsWith("/") ? prefix : prefix + "/";
    check("--into", directory + "x");
    return directory;
  }
}
