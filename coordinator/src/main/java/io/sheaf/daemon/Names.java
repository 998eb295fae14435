package io.sheaf.daemon;

import io.sheaf.conf.Keys;
import io.sheaf.conf.NodeNames;
import io.sheaf.conf.Settings;
import io.sheaf.conf.Templates;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The names that may stand in the paths of a daemon's files. */
public final class Names {
  private Names() {}

  /**
   * A path of this process, absolute.
   *
   * @throws io.sheaf.conf.ConfException when it has a name that has no value here
   */
  public static Path path(String template, Settings settings, String role) {
    return absolute(Templates.expand(template, of(settings, role, "" + pid())));
  }

  static Path absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize();
  }

  static long pid() {
    return ProcessHandle.current().pid();
  }

  static Map<String, String> of(Settings settings, String role, String pid) {
    String node = settings.variable("SLURMD_NODENAME").orElse("");
    Map<String, String> names = new TreeMap<>(NodeNames.of(Map.of("SLURMD_NODENAME", node)));
    names.put("role", role);
    names.put("pid", pid);
    settings.find(Keys.SESSION).ifPresent(session -> names.put("session", session));
    settings.variable("SLURM_JOB_ID").ifPresent(job -> names.put("job", job));
    return names;
  }
}
