package io.sheaf.zkinit;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.IniFile;
import io.sheaf.conf.IniFile.Entry;
import io.sheaf.zkinit.PlannedNode.Trait;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.zookeeper.common.PathUtils;
import org.jspecify.annotations.Nullable;

/**
 * Reads a plan in the format of vsc-zk's zkinitree: {@code [MAIN]} with the servers, a section for
 * each user, {@code [root]} among them, and one for each znode, named by its path.
 */
final class PlanReader {
  static final String MAIN = "MAIN";

  private final IniFile ini;
  private final Map<String, String> environment;

  PlanReader(IniFile ini, Map<String, String> environment) {
    this.ini = ini;
    this.environment = environment;
  }

  TreePlan read() {
    if (!ini.sections().contains(TreePlan.ROOT_USER)) {
      throw new ConfException(
          ini.file() + ": no user [root]: add the section with passwd_file or passwd_env");
    }
    checkMain();
    Map<String, PlanUser> users = new UserReader(ini, environment).read();
    List<PlannedNode> nodes = nodes(new NodeReader(ini, users));
    checkParents(nodes);
    return new TreePlan(find(MAIN, "servers"), root(users), nodes);
  }

  static PlanUser root(Map<String, PlanUser> users) {
    return Objects.requireNonNull(users.get(TreePlan.ROOT_USER));
  }

  private void checkMain() {
    for (Entry entry : ini.entries(MAIN)) {
      if (!entry.key().equals("servers")) {
        throw new ConfException(
            ini.at(entry) + ": unknown key " + entry.key() + " in [MAIN]: it has only servers");
      }
    }
  }

  /** Sorted, so that parents come before their children. */
  private List<PlannedNode> nodes(NodeReader reader) {
    String rootPath = rootPath();
    List<PlannedNode> nodes = new ArrayList<>();
    for (String path : ini.sections().stream().filter(s -> s.startsWith("/")).sorted().toList()) {
      validate(ini.at(path) + ": [" + path + "]", path);
      if (!isAtOrUnder(path, rootPath)) {
        throw new ConfException(
            ini.at(path) + ": [" + path + "] is not under the path of [root], " + rootPath);
      }
      nodes.add(reader.read(path));
    }
    return nodes;
  }

  private String rootPath() {
    Optional<Entry> entry =
        ini.entries(TreePlan.ROOT_USER).stream().filter(e -> e.key().equals("path")).findFirst();
    if (entry.isEmpty() || entry.get().value().isEmpty()) {
      return "/";
    }
    String path = entry.get().value();
    validate(ini.at(entry.get()) + ": path", path);
    return path;
  }

  private static void validate(String what, String path) {
    try {
      PathUtils.validatePath(path);
    } catch (IllegalArgumentException e) {
      throw new ConfException(what + ": no path of a znode: " + e.getMessage(), e);
    }
  }

  /** What has no fixed name, or goes with a process, can have no znodes under it. */
  private static void checkParents(List<PlannedNode> nodes) {
    for (PlannedNode node : nodes) {
      for (PlannedNode other : nodes) {
        boolean childless = other.is(Trait.EPHEMERAL) || other.is(Trait.SEQUENCE);
        if (childless && isUnder(node.path(), other.path())) {
          throw new ConfException(
              node.where()
                  + ": ["
                  + node.path()
                  + "] cannot be under ["
                  + other.path()
                  + "], which is ephemeral or a sequence");
        }
      }
    }
  }

  private static boolean isAtOrUnder(String path, String above) {
    return path.equals(above) || isUnder(path, above);
  }

  private static boolean isUnder(String path, String above) {
    return !path.equals(above) && path.startsWith(above.endsWith("/") ? above : above + "/");
  }

  private @Nullable String find(String section, String key) {
    return ini.entries(section).stream()
        .filter(entry -> entry.key().equals(key) && !entry.value().isEmpty())
        .map(Entry::value)
        .findFirst()
        .orElse(null);
  }
}
