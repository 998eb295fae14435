package io.sheaf.tree;

/**
 * Who may do what: the data of the root znode, where rights are split. Whoever creates a znode
 * gives it the ACL that these ids are meant to have on it.
 *
 * @param version of this format, {@value #VERSION}
 * @param admin {@code scheme:id} of the administrator, who may do everything
 * @param coordinator {@code scheme:id} of coordinators
 * @param worker {@code scheme:id} of workers
 */
public record Roles(int version, String admin, String coordinator, String worker) {
  public static final int VERSION = 1;
}
