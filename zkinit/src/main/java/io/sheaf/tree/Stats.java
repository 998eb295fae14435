package io.sheaf.tree;

import io.sheaf.tree.Znodes.Created;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.zookeeper.CreateMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The znodes of the members' counters. */
final class Stats {
  private static final Logger log = LoggerFactory.getLogger(Stats.class);

  private final Znodes znodes;
  private final Bulk bulk;
  private final TreeLayout layout;

  Stats(Znodes znodes, Bulk bulk, TreeLayout layout) {
    this.znodes = znodes;
    this.bulk = bulk;
    this.layout = layout;
  }

  void put(String session, String member, StatsRecord record) {
    put(session, layout.stats(session) + "/" + member, Codec.STATS.encode(record));
  }

  private void put(String session, String path, byte[] data) {
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
            (path, bytes) -> {
              try {
                found.put(path.substring(parent.length() + 1), Codec.STATS.decode(bytes, path));
              } catch (TreeDamagedException e) {
                log.debug("{}", e.getMessage()); // One member's mistake; the others still count.
              }
            });
    return found;
  }

  void putUsage(String session, UsageRecord usage) {
    put(session, layout.usage(session), Codec.USAGE.encode(usage));
  }

  Optional<UsageRecord> usage(String session) {
    String path = layout.usage(session);
    try {
      return znodes.get(path).map(node -> Codec.USAGE.decode(node.data(), path));
    } catch (TreeDamagedException e) {
      log.debug("{}", e.getMessage()); // The leader writes it anew.
      return Optional.empty();
    }
  }

  Watch watchUsage(String session, Consumer<Optional<UsageRecord>> listener) {
    return Watched.start(znodes, layout.usage(session), () -> usage(session), listener);
  }
}
