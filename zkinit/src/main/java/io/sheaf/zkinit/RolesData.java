package io.sheaf.zkinit;

import io.sheaf.tree.Codec;
import io.sheaf.tree.Roles;
import io.sheaf.tree.TreeDamagedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.zookeeper.data.Id;
import org.jspecify.annotations.Nullable;

/**
 * What a znode says of roles.
 *
 * @param roles null when it says nothing that could be read
 */
record RolesData(@Nullable Roles roles, String otherwise) {
  static RolesData of(Roles roles) {
    return new RolesData(roles, "");
  }

  static RolesData of(byte[] data, String path) {
    if (data.length == 0) {
      return new RolesData(null, "no roles");
    }
    try {
      return of(Codec.ROLES.decode(data, path));
    } catch (TreeDamagedException e) {
      return new RolesData(null, "other data");
    }
  }

  boolean isSame(Roles planned) {
    return Objects.equals(roles, planned);
  }

  /** {@code admin:alice}, by user; one with another password than planned is marked. */
  List<String> describe(Roles planned) {
    if (roles == null) {
      return List.of(otherwise);
    }
    List<String> lines = new ArrayList<>();
    add(lines, "admin", roles.admin(), planned.admin());
    add(lines, "coordinator", roles.coordinator(), planned.coordinator());
    add(lines, "worker", roles.worker(), planned.worker());
    return lines;
  }

  private static void add(List<String> lines, String role, String has, String planned) {
    boolean other = !has.equals(planned) && name(has).equals(name(planned));
    lines.add(role + ":" + name(has) + (other ? " (other password)" : ""));
  }

  private static String name(String text) {
    String[] parts = text.split(":", 2);
    return parts.length < 2 ? "?" : Grants.name(new Id(parts[0], parts[1]));
  }
}
