package io.sheaf.worker;

import io.netty.util.internal.PlatformDependent;
import io.sheaf.batch.Compression;
import io.sheaf.conf.Duplicates;
import io.sheaf.conf.Keys;
import io.sheaf.conf.QuotaRules;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.LaneOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** What a worker needs of its settings. */
record WorkerOptions(
    String session,
    Path socket,
    Optional<Path> spool,
    Peers peers,
    QuotaRules quotas,
    Duration stopTimeout,
    Duration appendGrace,
    LaneOptions lanes) {
  static WorkerOptions of(Settings settings) {
    return new WorkerOptions(
        settings.get(Keys.SESSION),
        settings.socket(Map.of("pid", Long.toString(ProcessHandle.current().pid()))),
        settings.spool(),
        Accounts.peers(settings),
        QuotaRules.of(settings),
        settings.get(Keys.STOP_TIMEOUT),
        settings.get(Keys.APPEND_GRACE),
        new LaneOptions(
            Compression.of(settings.get(Keys.COMPRESSION)),
            settings.get(Keys.ROTATE_INTERVAL),
            settings.get(Keys.ROTATE_BYTES),
            settings.get(Keys.ROTATE_ENTRIES),
            settings.get(Keys.DURABILITY),
            settings.get(Keys.MAX_OPEN),
            memoryLimit(settings.get(Keys.MEMORY_LIMIT)),
            settings.get(Keys.MAX_ENTRY_BYTES),
            settings.get(Keys.DUPLICATES) == Duplicates.ERROR,
            settings.get(Keys.SYMLINKS)));
  }

  /** Contents arrive in direct memory, of which the JVM gives no more than its heap's limit. */
  private static long memoryLimit(long wanted) {
    return Math.min(wanted, PlatformDependent.maxDirectMemory() / 2);
  }

  /** Half of the open batches may be held by uploads, so that small entries always have some. */
  int uploads() {
    return Math.max(1, lanes.maxOpen() / 2);
  }
}
