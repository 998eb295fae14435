package io.sheaf.daemon;

import io.sheaf.conf.Keys;
import io.sheaf.conf.NodeNames;
import io.sheaf.conf.Settings;
import io.sheaf.conf.Templates;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where a detached process logs: what the user said, or a directory that only the user can enter.
 */
record LogName(String template, Map<String, String> names, boolean byDefault) {
  private static final String DEFAULT = "%(role)s-%(host)s-%(pid)s.log";

  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  /** Stands for the pid while there is none yet; in no path. */
  private static final String PID = "\u0001";

  static LogName of(Settings settings, String role) {
    Map<String, String> names = Names.of(settings, role, PID);
    return settings
        .find(Keys.LOGFILE)
        .map(template -> new LogName(template, names, false))
        .orElseGet(() -> new LogName(defaultTemplate(settings, names), names, true));
  }

  private static String defaultTemplate(Settings settings, Map<String, String> names) {
    String state = settings.variable("XDG_STATE_HOME").orElse("");
    String directory =
        state.startsWith("/")
            ? state + "/sheaf"
            : "/tmp/sheaf-" + NodeNames.of(Map.of()).get("uid");
    String session = names.containsKey("session") ? "%(session)s-" : "";
    return directory.replace("%", "%%") + "/" + session + DEFAULT;
  }

  /** The path, in pieces between which the pid stands. */
  List<String> pieces() {
    return Arrays.asList(expanded().split(PID, -1));
  }

  private String expanded() {
    return Names.absolute(Templates.expand(template, names)).toString();
  }

  Path path(long pid) {
    return Path.of(expanded().replace(PID, String.valueOf(pid)));
  }

  /** Makes the directory of the log. */
  void prepare() throws IOException {
    Path directory = path(0).getParent();
    if (directory == null) {
      throw new IOException(path(0) + " cannot be a log file: give a path with --logfile");
    }
    if (byDefault) {
      prepareDefault(directory);
    } else {
      Files.createDirectories(directory);
    }
  }

  /** In /tmp somebody else may have been there first, and would read or lead astray. */
  private static void prepareDefault(Path directory) throws IOException {
    Path parent = directory.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PRIVATE));
    } catch (FileAlreadyExistsException e) {
      requireOurs(directory);
    }
  }

  private static void requireOurs(Path directory) throws IOException {
    boolean ours =
        Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
            && Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                .equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    if (!ours) {
      throw new IOException(
          directory + " is not a directory of yours: give another log with --logfile");
    }
  }
}
