package io.sheaf.cli;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands share: the settings, given in four ways, and the streams. */
abstract class SheafCommand implements Callable<Integer> {
  /** Of the commands that deposit with a worker. */
  static final List<Key<?>> DEPOSIT_KEYS =
      List.of(
          Keys.SOCKET,
          Keys.SESSION,
          Keys.DURABILITY,
          Keys.TRUST_WORKERS_OF,
          Keys.RESEND_TIME,
          Keys.RESEND_TRIES);

  final Context context;

  // Both are set by picocli before the command is called.
  @SuppressWarnings("NullAway.Init")
  @Spec
  CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      split = ",",
      description = "INI files with settings, separated by commas; a later one wins.")
  List<Path> config = List.of();

  @Option(
      names = "--output",
      paramLabel = "FORMAT",
      description = "What is printed: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  OutputFormat output = OutputFormat.text;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  boolean help;

  private @Nullable PrintWriter plainOut;
  private @Nullable PrintWriter plainErr;

  SheafCommand(Context context) {
    this.context = context;
  }

  /**
   * Takes operands without the parser, for a command that has no options on its line.
   *
   * @return false when they are not the usual ones: the parser then knows what to say
   */
  boolean takesPlain(List<String> operands) {
    return false;
  }

  /** Where it prints when the parser has no part in it. */
  final void printTo(PrintWriter out, PrintWriter err) {
    plainOut = out;
    plainErr = err;
  }

  /** The settings that this command takes as options. */
  List<Key<?>> keys() {
    return List.of();
  }

  PrintWriter out() {
    PrintWriter plain = plainOut;
    return plain == null ? spec.commandLine().getOut() : plain;
  }

  PrintWriter err() {
    PrintWriter plain = plainErr;
    return plain == null ? spec.commandLine().getErr() : plain;
  }

  boolean isJson() {
    return output == OutputFormat.json;
  }

  /**
   * The settings from options, environment and files.
   *
   * @throws ConfException when one is wrong
   */
  Settings settings() {
    return settings(Map.of());
  }

  /** The settings, with values that win over all others. */
  Settings settings(Map<String, String> overrides) {
    Map<String, String> options = new LinkedHashMap<>(given());
    options.putAll(overrides);
    return Settings.builder()
        .options(options)
        .environment(context.environment())
        .files(config)
        .build();
  }

  /** The settings given as options, by name. */
  Map<String, String> given() {
    Map<String, String> given = new LinkedHashMap<>();
    if (plainOut != null) {
      return given;
    }
    for (Key<?> key : keys()) {
      OptionSpec option = spec.findOption(key.option());
      Object value = option == null ? null : option.getValue();
      if (value != null) {
        given.put(key.name(), value.toString());
      }
    }
    return given;
  }
}
