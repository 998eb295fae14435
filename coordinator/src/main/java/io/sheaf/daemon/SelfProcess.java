package io.sheaf.daemon;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts further processes of this program: the same Java, the same classes, the same flags. */
public final class SelfProcess {
  private static final String MAIN = "io.sheaf.cli.Sheaf";

  private SelfProcess() {}

  /**
   * By the launcher, which knows what flags a command needs; as this process where there is none.
   */
  static List<String> launch(List<String> arguments) {
    Path launcher = Path.of(System.getProperty("sheaf.launcher", ""));
    if (!launcher.isAbsolute() || !Files.isExecutable(launcher)) {
      return command(arguments).command();
    }
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(arguments);
    return command;
  }

  static ProcessBuilder command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(java());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(SelfProcess::mayBeRepeated)
        .forEach(command::add);
    command.add("-cp");
    command.add(absolute(System.getProperty("java.class.path", "")));
    command.add(MAIN);
    command.addAll(arguments);
    return new ProcessBuilder(command);
  }

  /** The command for any machine that sees this program: the launcher, where there is one. */
  public static List<String> anywhere(List<String> arguments) {
    String launcher = System.getProperty("sheaf.launcher");
    if (launcher == null) {
      return command(arguments).command();
    }
    List<String> command = new ArrayList<>(List.of(launcher));
    command.addAll(arguments);
    return command;
  }

  private static String java() {
    return ProcessHandle.current()
        .info()
        .command()
        .orElse(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
  }

  /** Two processes cannot write the same class archive or wait at the same debugger's port. */
  private static boolean mayBeRepeated(String flag) {
    return !flag.startsWith("-XX:ArchiveClassesAtExit")
        && !flag.startsWith("-XX:AOTCacheOutput")
        && !flag.startsWith("-agentlib:jdwp");
  }

  private static String absolute(String classPath) {
    List<String> parts = new ArrayList<>();
    for (String part : classPath.split(File.pathSeparator, -1)) {
      parts.add(Path.of(part).toAbsolutePath().toString());
    }
    return String.join(File.pathSeparator, parts);
  }

  /** Starts it with its output going to a file. */
  public static Process start(List<String> arguments, Path log) throws IOException {
    return command(arguments).redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }
}
