package io.sheaf.zkinit;

import io.sheaf.tree.Codec;
import io.sheaf.tree.Roles;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/**
 * One znode of a plan; with {@link Trait#SEQUENCE} all those whose names are its path and a number.
 *
 * @param where file and line, for messages
 * @param value its data when it is created; data of one that exists are left alone
 * @param roles its data in place of a value, also of one that exists
 */
record PlannedNode(
    String where,
    String path,
    String value,
    @Nullable Roles roles,
    List<ACL> acl,
    Set<Trait> traits) {

  /** What a znode may be besides persistent. */
  enum Trait {
    /** Missing parents are created with the same ACL. */
    MAKEPATH,
    /** Lives as long as the process that holds it. */
    EPHEMERAL,
    /** The server adds ten digits to the name. */
    SEQUENCE,
    /** Children that the plan does not name are left alone. */
    KEEPS_CHILDREN
  }

  boolean is(Trait trait) {
    return traits.contains(trait);
  }

  byte[] data() {
    return roles == null ? value.getBytes(StandardCharsets.UTF_8) : Codec.ROLES.encode(roles);
  }

  /** The path of the znode above; {@code /} is above itself. */
  String parent() {
    return parent(path);
  }

  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }

  /** Parents to be made if missing, outermost first. */
  List<String> parents() {
    List<String> parents = new ArrayList<>();
    if (is(Trait.MAKEPATH)) {
      for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
        parents.add(path.substring(0, slash));
      }
    }
    return parents;
  }

  /** A persistent znode without data, with the same ACL. */
  PlannedNode asParent(String parent) {
    return new PlannedNode(where, parent, "", null, acl, Set.of());
  }

  /** Whether a path is one that this znode may have. */
  boolean names(String other) {
    return is(Trait.SEQUENCE)
        ? other.startsWith(path) && other.substring(path.length()).matches("-?\\d{10}")
        : other.equals(path);
  }
}
