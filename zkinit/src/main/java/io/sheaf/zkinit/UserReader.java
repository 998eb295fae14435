package io.sheaf.zkinit;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.IniFile;
import io.sheaf.conf.IniFile.Entry;
import io.sheaf.conf.Secret;
import io.sheaf.conf.Secrets;
import io.sheaf.tree.Digests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.zookeeper.data.Id;

/** Reads the users of a plan: with a password, by reference or in the file, or with an id. */
final class UserReader {
  private static final Set<String> KEYS = Set.of("passwd", "passwd_file", "passwd_env", "id");
  private static final String WAYS = "passwd, passwd_file, passwd_env or id";

  private final IniFile ini;
  private final Map<String, String> environment;

  UserReader(IniFile ini, Map<String, String> environment) {
    this.ini = ini;
    this.environment = environment;
  }

  /**
   * All users, by name.
   *
   * @throws ConfException when one has no password or several, or others can read it
   */
  Map<String, PlanUser> read() {
    Map<String, PlanUser> users = new LinkedHashMap<>();
    for (String section : ini.sections()) {
      if (!section.startsWith("/") && !section.equals(PlanReader.MAIN)) {
        users.put(section, user(section));
      }
    }
    return users;
  }

  private PlanUser user(String name) {
    checkName(name);
    List<Entry> entries =
        ini.entries(name).stream().filter(entry -> !isRootsPath(name, entry)).toList();
    for (Entry entry : entries) {
      if (!KEYS.contains(entry.key())) {
        throw bad(entry, "unknown key " + entry.key() + " of user " + name + ": give " + WAYS);
      }
    }
    if (entries.size() != 1 || entries.get(0).value().isEmpty()) {
      throw new ConfException(ini.at(name) + ": user " + name + " needs one of " + WAYS);
    }
    return resolve(name, entries.get(0));
  }

  private void checkName(String name) {
    if (name.equals("DEFAULT")) {
      throw new ConfException(
          ini.at(name) + ": [DEFAULT] has no meaning here: write its keys where they belong");
    }
    if (name.contains(":") || name.contains(",")) {
      throw new ConfException(
          ini.at(name) + ": [" + name + "] can be no user: choose a name without ':' and ','");
    }
  }

  private static boolean isRootsPath(String name, Entry entry) {
    return name.equals(TreePlan.ROOT_USER) && entry.key().equals("path");
  }

  private PlanUser resolve(String name, Entry entry) {
    if (entry.key().equals("id")) {
      return new PlanUser(id(entry), null);
    }
    Secret password = password(entry);
    return new PlanUser(new Id("digest", Digests.of(name, password)), password);
  }

  private Secret password(Entry entry) {
    return switch (entry.key()) {
      case "passwd_file" -> Secrets.fromFile(besideTheFile(entry.value()), ini.at(entry));
      case "passwd_env" -> Secrets.fromVariable(entry.value(), environment, ini.at(entry));
      default -> inTheFile(entry);
    };
  }

  private Secret inTheFile(Entry entry) {
    try {
      Secrets.requirePrivate(ini.file(), ini.at(entry) + ": there is a password in it, and");
      return new Secret(entry.value());
    } catch (IOException e) {
      throw new ConfException(ini.file() + ": cannot see who may read it: " + e, e);
    }
  }

  /** A relative path is relative to the config file. */
  private Path besideTheFile(String path) {
    return ini.file().toAbsolutePath().resolveSibling(path);
  }

  /** Everything after the first colon is the id; an X.509 name may have more of them. */
  private Id id(Entry entry) {
    String[] parts = entry.value().split(":", 2);
    if (parts.length < 2 || parts[0].isBlank() || parts[1].isBlank()) {
      throw bad(entry, "an id is scheme:id, such as sasl:alice or x509:CN=alice");
    }
    if (parts[0].equals("auth")) {
      throw bad(entry, "auth: is whoever asks, so it would name nobody: give the scheme itself");
    }
    if (parts[0].equals("digest") && !parts[1].matches("[^:]+:[^:]+")) {
      throw bad(entry, "an id of the scheme digest is digest:user:hash, or give a password");
    }
    return new Id(parts[0], parts[1]);
  }

  private ConfException bad(Entry entry, String message) {
    return new ConfException(ini.at(entry) + ": " + message);
  }
}
