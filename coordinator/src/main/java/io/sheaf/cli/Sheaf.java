package io.sheaf.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The program {@code sheaf}. */
@Command(
    name = "sheaf",
    mixinStandardHelpOptions = true,
    versionProvider = Sheaf.Version.class,
    description = "Binds the many small files of a cluster job into a few zip archives.")
public final class Sheaf implements Runnable {

  private Sheaf() {}

  /** Runs the command that the arguments name, and ends the process with its exit status. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Sheaf()).execute(args));
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  /** The version that the jar's manifest states; {@code dev} when run from class files. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Sheaf.class.getPackage().getImplementationVersion();
      return new String[] {"sheaf " + (version == null ? "dev" : version)};
    }
  }
}
