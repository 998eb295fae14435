package io.sheaf.zkinit;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.IniFile;
import io.sheaf.conf.IniFile.Entry;
import io.sheaf.tree.Roles;
import io.sheaf.zkinit.PlannedNode.Trait;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.Id;
import org.jspecify.annotations.Nullable;

/** Reads the section of a znode: its attributes, and rights with those who have them. */
final class NodeReader {
  private static final Set<String> ATTRIBUTES =
      Set.of("value", "roles", "ephemeral", "sequence", "makepath", "prune");

  private final IniFile ini;
  private final Map<String, PlanUser> users;

  NodeReader(IniFile ini, Map<String, PlanUser> users) {
    this.ini = ini;
    this.users = users;
  }

  PlannedNode read(String path) {
    PlannedNode node =
        new PlannedNode(
            ini.at(path),
            path,
            entry(path, "value").map(Entry::value).orElse(""),
            roles(path),
            Grants.acl(rights(path)),
            traits(path));
    check(node);
    return node;
  }

  private static void check(PlannedNode node) {
    String name = node.where() + ": [" + node.path() + "] ";
    if (node.roles() != null && (!node.value().isEmpty() || node.is(Trait.SEQUENCE))) {
      throw new ConfException(name + "has roles: they go with neither value nor sequence");
    }
    if (node.path().equals("/") && (node.is(Trait.EPHEMERAL) || node.is(Trait.SEQUENCE))) {
      throw new ConfException(name + "is always there: it is neither ephemeral nor a sequence");
    }
  }

  private Map<Id, Integer> rights(String path) {
    Map<Id, Integer> rights = new LinkedHashMap<>();
    rights.put(PlanReader.root(users).id(), Perms.ALL);
    for (Entry entry : ini.entries(path)) {
      if (!ATTRIBUTES.contains(entry.key())) {
        grant(entry, rights);
      }
    }
    return rights;
  }

  private void grant(Entry entry, Map<Id, Integer> rights) {
    int granted = Grants.rights(entry.key());
    if (granted == 0) {
      throw bad(
          entry,
          "unknown key "
              + entry.key()
              + ": rights are all or some of the letters rwcda, attributes are "
              + String.join(", ", ATTRIBUTES.stream().sorted().toList()));
    }
    for (String name : entry.value().split(",", -1)) {
      if (!name.isBlank()) {
        rights.merge(user(entry, name.strip()).id(), granted, (a, b) -> a | b);
      }
    }
  }

  private PlanUser user(Entry entry, String name) {
    PlanUser user = users.get(name);
    if (user == null) {
      throw bad(entry, "user " + name + " has no section: add [" + name + "] with a password");
    }
    return user;
  }

  private @Nullable Roles roles(String path) {
    Entry entry = entry(path, "roles").orElse(null);
    if (entry == null || entry.value().isEmpty()) {
      return null;
    }
    Map<String, String> ids = new LinkedHashMap<>();
    for (String part : entry.value().split(",", -1)) {
      String[] names = part.split(":", -1);
      if (names.length != 2 || ids.put(names[0].strip(), idOf(entry, names[1])) != null) {
        throw badRoles(entry);
      }
    }
    @Nullable String admin = ids.get("admin");
    @Nullable String coordinator = ids.get("coordinator");
    @Nullable String worker = ids.get("worker");
    if (ids.size() != 3 || admin == null || coordinator == null || worker == null) {
      throw badRoles(entry);
    }
    return new Roles(Roles.VERSION, admin, coordinator, worker);
  }

  private String idOf(Entry entry, String name) {
    return user(entry, name.strip()).text();
  }

  private ConfException badRoles(Entry entry) {
    return bad(entry, "roles are admin:USER1, coordinator:USER2, worker:USER3, each once");
  }

  private Set<Trait> traits(String path) {
    Set<Trait> traits = EnumSet.noneOf(Trait.class);
    for (Trait trait : Set.of(Trait.MAKEPATH, Trait.EPHEMERAL, Trait.SEQUENCE)) {
      if (flag(path, trait.name().toLowerCase(Locale.ROOT)).orElse(false)) {
        traits.add(trait);
      }
    }
    if (!flag(path, "prune").orElse(true)) {
      traits.add(Trait.KEEPS_CHILDREN);
    }
    return traits;
  }

  /** Empty when it is not given, or has no value. */
  private Optional<Boolean> flag(String path, String attribute) {
    return entry(path, attribute)
        .filter(entry -> !entry.value().isEmpty())
        .map(entry -> truth(entry));
  }

  private boolean truth(Entry entry) {
    return switch (entry.value().toLowerCase(Locale.ROOT)) {
      case "false", "no", "off", "0" -> false;
      case "true", "yes", "on", "1" -> true;
      default -> throw bad(entry, entry.key() + " is true or false");
    };
  }

  private Optional<Entry> entry(String section, String key) {
    return ini.entries(section).stream().filter(e -> e.key().equals(key)).findFirst();
  }

  private ConfException bad(Entry entry, String message) {
    return new ConfException(ini.at(entry) + ": " + message);
  }
}
