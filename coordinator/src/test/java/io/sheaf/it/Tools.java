package io.sheaf.it;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Programs that are not Sheaf's. Without one a test is skipped on a user's machine, and fails in
 * CI.
 */
public final class Tools {
  /** The one that Debian's packages of Python modules are for. */
  static final String SYSTEM_PYTHON = "/usr/bin/python3";

  private Tools() {}

  public static void need(String... programs) {
    for (String program : programs) {
      if (!onPath(program)) {
        missing(program + " is not installed; this test needs it");
      }
    }
  }

  static void needFile(Path file, String what) {
    if (!Files.isReadable(file)) {
      missing(what + " is not installed; this test needs " + file);
    }
  }

  static void needRoot() {
    if (!"root".equals(System.getProperty("user.name"))) {
      missing("this test needs root, to mount a filesystem or for a real-time priority");
    }
  }

  /** A module of the system's Python; Debian has it as python3-NAME. */
  static void needPythonModule(String name) throws IOException, InterruptedException {
    if (!Files.isExecutable(Path.of(SYSTEM_PYTHON)) || !imports(name)) {
      missing("python3-" + name + " is not installed; this test needs it");
    }
  }

  private static boolean imports(String module) throws IOException, InterruptedException {
    return new ProcessBuilder(SYSTEM_PYTHON, "-c", "import " + module)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  /** Skips the test, or fails it in CI. */
  public static void missing(String message) {
    if (System.getenv("CI") != null) {
      fail(message);
    }
    abort(message);
  }

  private static boolean onPath(String program) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  /** A script among this module's test sources. */
  static String script(String name) {
    return Path.of("src/test/python", name).toAbsolutePath().toString();
  }
}
