package io.sheaf.zkinit;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.IniFile;
import io.sheaf.conf.IniFile.Entry;
import io.sheaf.conf.Secret;
import io.sheaf.tree.Digests;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.common.PathUtils;
import org.apache.zookeeper.data.Id;

/**
 * Reads a plan in the format of vsc-zk's zkinitree: {@code [MAIN]} with the servers, a section for
 * each user, {@code [root]} among them, and one for each znode, named by its path.
 */
final class PlanReader {
  private static final String MAIN = "MAIN";
  private static final Set<String> ATTRIBUTES =
      Set.of("value", "ephemeral", "sequence", "makepath");

  private final IniFile ini;
  private final UserPasswords passwords;
  private final Map<String, Id> users = new LinkedHashMap<>();

  PlanReader(IniFile ini, Map<String, String> environment) {
    this.ini = ini;
    this.passwords = new UserPasswords(ini, environment);
  }

  TreePlan read() {
    if (!ini.sections().contains(TreePlan.ROOT_USER)) {
      throw new ConfException(
          ini.file() + ": no user [root]: add the section with passwd_file or passwd_env");
    }
    checkMain();
    Secret rootPassword = passwords.of(TreePlan.ROOT_USER);
    for (String section : ini.sections()) {
      if (!section.startsWith("/") && !section.equals(MAIN)) {
        users.put(section, new Id("digest", Digests.of(section, passwords.of(section))));
      }
    }
    return new TreePlan(find(MAIN, "servers").orElse(null), rootPassword, nodes());
  }

  private void checkMain() {
    for (Entry entry : ini.entries(MAIN)) {
      if (!entry.key().equals("servers")) {
        throw bad(entry, "unknown key " + entry.key() + " in [MAIN]: it has only servers");
      }
    }
  }

  /** Sorted, so that parents come before their children. */
  private List<PlannedNode> nodes() {
    String rootPath = find(TreePlan.ROOT_USER, "path").orElse("/");
    List<PlannedNode> nodes = new ArrayList<>();
    for (String path : ini.sections().stream().filter(s -> s.startsWith("/")).sorted().toList()) {
      checkPath(path, rootPath);
      nodes.add(node(path));
    }
    return nodes;
  }

  private void checkPath(String path, String rootPath) {
    try {
      PathUtils.validatePath(path);
    } catch (IllegalArgumentException e) {
      throw new ConfException(ini.at(path) + ": [" + path + "]: " + e.getMessage(), e);
    }
    String prefix = rootPath.endsWith("/") ? rootPath : rootPath + "/";
    if (!path.equals(rootPath) && !path.startsWith(prefix)) {
      throw new ConfException(
          ini.at(path) + ": [" + path + "] is not under the path of [root], " + rootPath);
    }
  }

  private PlannedNode node(String path) {
    Map<Id, Integer> rights = new LinkedHashMap<>();
    rights.put(user(TreePlan.ROOT_USER), Perms.ALL);
    for (Entry entry : ini.entries(path)) {
      if (!ATTRIBUTES.contains(entry.key())) {
        grant(entry, rights);
      }
    }
    refuse(path, "ephemeral", "it would vanish when zkinitree ends");
    refuse(path, "sequence", "every run would make another znode");
    return new PlannedNode(
        path, find(path, "value").orElse(""), Grants.acl(rights), isTrue(path, "makepath"));
  }

  private Id user(String name) {
    Id id = users.get(name);
    if (id == null) {
      throw new ConfException(ini.file() + ": user " + name + " has no section");
    }
    return id;
  }

  private void grant(Entry entry, Map<Id, Integer> rights) {
    int granted = Grants.rights(entry.key());
    if (granted == 0) {
      throw bad(
          entry,
          "unknown key "
              + entry.key()
              + ": rights are all or letters of rwcda, attributes are"
              + " value and makepath");
    }
    for (String name : entry.value().split(",", -1)) {
      if (!name.isBlank()) {
        rights.merge(grantee(entry, name.strip()), granted, (a, b) -> a | b);
      }
    }
  }

  private Id grantee(Entry entry, String name) {
    Id id = users.get(name);
    if (id == null) {
      throw bad(entry, "user " + name + " has no section: add [" + name + "] with a password");
    }
    return id;
  }

  private void refuse(String path, String attribute, String reason) {
    if (isTrue(path, attribute)) {
      throw new ConfException(
          ini.at(path) + ": [" + path + "] cannot be " + attribute + ": " + reason);
    }
  }

  private boolean isTrue(String path, String attribute) {
    Optional<Entry> entry = entry(path, attribute);
    if (entry.isEmpty()) {
      return false;
    }
    return switch (entry.get().value().toLowerCase(Locale.ROOT)) {
      case "", "false", "no", "0" -> false;
      case "true", "yes", "1" -> true;
      default -> throw bad(entry.get(), attribute + " is true or false");
    };
  }

  private Optional<Entry> entry(String section, String key) {
    return ini.entries(section).stream().filter(e -> e.key().equals(key)).findFirst();
  }

  private Optional<String> find(String section, String key) {
    return entry(section, key).map(Entry::value).filter(value -> !value.isEmpty());
  }

  private ConfException bad(Entry entry, String message) {
    return new ConfException(ini.at(entry) + ": " + message);
  }
}
