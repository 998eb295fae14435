package io.sheaf.tree;

import io.sheaf.tree.Znodes.Created;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.zookeeper.CreateMode;

/** The znodes of the members' counters. */
final class Stats {
  private final Znodes znodes;
  private final Bulk bulk;
  private final TreeLayout layout;

  Stats(Znodes znodes, Bulk bulk, TreeLayout layout) {
    this.znodes = znodes;
    this.bulk = bulk;
    this.layout = layout;
  }

  void put(String session, String member, StatsRecord record) {
    String path = layout.stats(session) + "/" + member;
    byte[] data = Codec.STATS.encode(record);
    if (znodes.set(path, data, Znodes.ANY_VERSION)) {
      return;
    }
    if (znodes.create(path, data, CreateMode.PERSISTENT) == Created.NO_PARENT) {
      throw new NoSuchSessionException(session, null);
    }
  }

  Map<String, StatsRecord> all(String session) {
    String parent = layout.stats(session);
    List<String> paths = znodes.children(parent).stream().map(id -> parent + "/" + id).toList();
    Map<String, StatsRecord> found = new TreeMap<>();
    bulk.data(paths)
        .forEach(
            (path, bytes) ->
                found.put(path.substring(parent.length() + 1), Codec.STATS.decode(bytes, path)));
    return found;
  }
}
