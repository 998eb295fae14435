package io.sheaf.worker;

import io.netty.util.internal.PlatformDependent;
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
        // Contents arrive in direct memory, of which the JVM gives no more than its heap's limit.
        LaneSettings.of(settings, PlatformDependent.maxDirectMemory() / 2));
  }

  /** Half of the open batches may be held by uploads, so that small entries always have some. */
  int uploads() {
    return Math.max(1, lanes.maxOpen() / 2);
  }
}
