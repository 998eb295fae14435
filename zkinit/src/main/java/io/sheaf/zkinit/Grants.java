package io.sheaf.zkinit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;

/** Rights as letters, and lists of rights as values. */
final class Grants {
  private static final Map<Character, Integer> LETTERS = letters();

  private Grants() {}

  private static Map<Character, Integer> letters() {
    Map<Character, Integer> letters = new LinkedHashMap<>();
    letters.put('r', Perms.READ);
    letters.put('w', Perms.WRITE);
    letters.put('c', Perms.CREATE);
    letters.put('d', Perms.DELETE);
    letters.put('a', Perms.ADMIN);
    return letters;
  }

  /** The rights of {@code all}, or of some of the letters r, w, c, d, a; 0 for anything else. */
  static int rights(String key) {
    if (key.equals("all")) {
      return Perms.ALL;
    }
    int rights = 0;
    for (int i = 0; i < key.length(); i++) {
      Integer right = LETTERS.get(key.charAt(i));
      if (right == null) {
        return 0;
      }
      rights |= right;
    }
    return rights;
  }

  /** Whether two ACLs give the same; order and repetition do not matter. */
  static boolean same(List<ACL> one, List<ACL> other) {
    return byId(one).equals(byId(other));
  }

  static Map<Id, Integer> byId(List<ACL> acl) {
    Map<Id, Integer> rights = new LinkedHashMap<>();
    acl.forEach(entry -> rights.merge(entry.getId(), entry.getPerms(), (a, b) -> a | b));
    return rights;
  }

  static List<ACL> acl(Map<Id, Integer> rights) {
    return rights.entrySet().stream()
        .map(entry -> new ACL(entry.getValue(), entry.getKey()))
        .toList();
  }

  /** {@code root=rwcda}, {@code user1=rw}: users without the hash of their password. */
  static List<String> describe(List<ACL> acl) {
    return describe(acl, acl);
  }

  /** As above; a user who has another password than in {@code planned} is marked. */
  static List<String> describe(List<ACL> acl, List<ACL> planned) {
    Set<Id> ids = byId(planned).keySet();
    return byId(acl).entrySet().stream()
        .map(entry -> who(entry.getKey(), ids) + "=" + text(entry.getValue()))
        .toList();
  }

  private static String who(Id id, Set<Id> planned) {
    String name = name(id);
    boolean other =
        isDigest(id)
            && !planned.contains(id)
            && planned.stream().anyMatch(p -> isDigest(p) && name(p).equals(name));
    return other ? name + " (other password)" : name;
  }

  /** The user of a digest, or {@code scheme:id}. */
  static String name(Id id) {
    return isDigest(id) ? id.getId().replaceFirst(":.*", "") : id.getScheme() + ":" + id.getId();
  }

  private static boolean isDigest(Id id) {
    return id.getScheme().equals("digest");
  }

  private static String text(int rights) {
    StringBuilder text = new StringBuilder();
    LETTERS.forEach(
        (letter, right) -> {
          if ((rights & right) != 0) {
            text.append(letter);
          }
        });
    return text.toString();
  }
}
