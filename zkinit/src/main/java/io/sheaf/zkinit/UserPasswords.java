package io.sheaf.zkinit;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.IniFile;
import io.sheaf.conf.IniFile.Entry;
import io.sheaf.conf.Secret;
import io.sheaf.conf.Secrets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The passwords in a config file, or those that it refers to. */
final class UserPasswords {
  private final IniFile ini;
  private final Map<String, String> environment;

  UserPasswords(IniFile ini, Map<String, String> environment) {
    this.ini = ini;
    this.environment = environment;
  }

  /**
   * The password of a user.
   *
   * @throws ConfException when the user has none or several, or others can read it
   */
  Secret of(String user) {
    List<Entry> found = new ArrayList<>();
    for (Entry entry : ini.entries(user)) {
      if (entry.key().startsWith("passwd")) {
        found.add(entry);
      } else if (!(user.equals(TreePlan.ROOT_USER) && entry.key().equals("path"))) {
        throw new ConfException(
            ini.at(entry)
                + ": unknown key "
                + entry.key()
                + " of user "
                + user
                + ": give passwd, passwd_file or passwd_env");
      }
    }
    if (found.size() != 1 || found.get(0).value().isEmpty() || user.contains(":")) {
      throw new ConfException(
          ini.at(user)
              + ": user "
              + user
              + " needs a name without ':' and one of passwd, passwd_file and passwd_env");
    }
    return resolve(found.get(0));
  }

  private Secret resolve(Entry entry) {
    String origin = ini.at(entry);
    return switch (entry.key()) {
      case "passwd" -> inTheFile(entry);
      case "passwd_file" -> Secrets.fromFile(besideTheFile(entry.value()), origin);
      case "passwd_env" -> Secrets.fromVariable(entry.value(), environment, origin);
      default ->
          throw new ConfException(
              origin + ": unknown key " + entry.key() + ": passwd, passwd_file or passwd_env");
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
}
