package io.sheaf.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a command finds around it.
 *
 * @param in where contents come from that are named {@code -}
 * @param out where contents go as bytes; text goes to the command's own stream
 * @param terminal whether a person looks at the error stream
 */
record Context(
    Map<String, String> environment, InputStream in, OutputStream out, boolean terminal) {

  /** This process's, with its standard output. */
  static Context ofProcess(OutputStream out) {
    return new Context(System.getenv(), System.in, out, isTerminal());
  }

  // Not System.console(): from JDK 22 on it is there without a terminal too.
  private static boolean isTerminal() {
    try {
      String device = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }

  String variable(String name, String otherwise) {
    return environment.getOrDefault(name, otherwise);
  }
}
