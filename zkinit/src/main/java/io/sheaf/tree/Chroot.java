package io.sheaf.tree;

import io.sheaf.conf.ConfException;
import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.common.PathUtils;

/**
 * A list of servers, taken apart.
 *
 * @param hosts {@code host:port,host:port}
 * @param path the znode that stands for {@code /}; empty when it is the root itself
 */
public record Chroot(String hosts, String path) {
  /**
   * From {@code host:port,host:port/path}.
   *
   * @throws ConfException when the path is none of a znode
   */
  public static Chroot of(String servers) {
    int slash = servers.indexOf('/');
    if (slash < 0) {
      return new Chroot(servers, "");
    }
    String path = servers.substring(slash);
    try {
      PathUtils.validatePath(path);
    } catch (IllegalArgumentException e) {
      throw new ConfException("servers: \"" + servers + "\": " + e.getMessage(), e);
    }
    return new Chroot(servers.substring(0, slash), path.equals("/") ? "" : path);
  }

  String under(String znode) {
    return path.isEmpty() ? znode : znode.equals("/") ? path : path + znode;
  }

  /** The znodes above it, outermost first. */
  List<String> parents() {
    List<String> parents = new ArrayList<>();
    for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
      parents.add(path.substring(0, slash));
    }
    return parents;
  }
}
