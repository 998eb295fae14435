package io.sheaf.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.Publication;
import io.sheaf.tree.LockSupport;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * The finding that locks are worth too little on the filesystem of a base directory, as a file in
 * it: it holds for all who work there, with ZooKeeper or without, until somebody removes the file
 * because the filesystem is mounted otherwise.
 */
public final class BrokenLocks {
  private static final ObjectMapper JSON = new ObjectMapper();

  private BrokenLocks() {}

  /** What was found; empty while nothing bad was. Costs one look at the filesystem. */
  public static Optional<LockSupport> found(Disk disk, BaseDirectory base) throws IOException {
    if (disk.stat(base.brokenLocks()).isEmpty()) {
      return Optional.empty();
    }
    // Whatever it holds, somebody has put it there.
    JsonNode locks = JSON.readTree(disk.readAll(base.brokenLocks())).path("locks");
    return Optional.of(
        locks.asText().equals("node-local") ? LockSupport.NODE_LOCAL : LockSupport.NONE);
  }

  static void write(Disk disk, BaseDirectory base, LockSupport locks, String by, Clock clock)
      throws IOException {
    String value = locks == LockSupport.NODE_LOCAL ? "node-local" : "none";
    Map<String, Object> record =
        Map.of("version", 1, "locks", value, "by", by, "at", clock.millis());
    Publication.replace(disk, base.brokenLocks(), JSON.writeValueAsBytes(record));
  }
}
