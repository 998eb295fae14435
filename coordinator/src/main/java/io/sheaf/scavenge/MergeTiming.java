package io.sheaf.scavenge;

import io.sheaf.archive.ArchiveExtent;
import io.sheaf.archive.MergeOutcome;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * When an archive is merged. Each merge writes its central directory anew, and with {@code replace}
 * its data too, so a large one waits until that is worth it: until enough is pending, or the oldest
 * batch has waited for {@code merge_max_age}, or the session drains. A small one never waits, and
 * nothing is read for that.
 */
final class MergeTiming {
  /** What is written in a moment is not worth waiting for. */
  static final long SMALL = 16L << 20;

  /** A merge may write so many times the bytes that it brings in. */
  static final int WORTH = 4;

  /** Roughly what an entry costs beside its contents: header and directory record. */
  private static final long ENTRY = 256;

  /** Others merge too, so what is known from a merge grows old. */
  private static final long KNOWN_FOR = TimeUnit.MINUTES.toNanos(1);

  private record Cost(long bytes, long at) {}

  /** What is known of an archive. */
  interface Source {
    /** How large it is now, for which a file is read. */
    ArchiveExtent extent(String archive) throws IOException;

    /** What is published for it. */
    List<PendingBatch> pending(String archive);
  }

  private final Source source;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final Duration maxAge;
  private final boolean copies;
  private final Map<String, Cost> costs = new ConcurrentHashMap<>();
  private final Map<String, Long> waitingSince = new ConcurrentHashMap<>();

  static MergeTiming of(Coordination in, Duration maxAge, CommitStrategy commit) {
    ArchiveExtent.Reader extents = new ArchiveExtent.Reader(in.disk(), in.base());
    Source source =
        new Source() {
          @Override
          public ArchiveExtent extent(String archive) throws IOException {
            return extents.read(archive);
          }

          @Override
          public List<PendingBatch> pending(String archive) {
            return in.tree().pending(in.session(), ArchiveKey.of(archive));
          }
        };
    return new MergeTiming(source, in.clock(), in.nanoTime(), maxAge, commit);
  }

  MergeTiming(
      Source source, Clock clock, LongSupplier nanoTime, Duration maxAge, CommitStrategy commit) {
    this.source = source;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.maxAge = maxAge;
    this.copies = commit == CommitStrategy.REPLACE;
  }

  /** How long an archive should wait from now on; zero when it should be merged. */
  Duration delay(String archive) throws IOException {
    if (maxAge.isZero()) {
      return Duration.ZERO;
    }
    long cost = cost(archive);
    if (cost < SMALL) {
      return Duration.ZERO;
    }
    List<Manifest> pending = source.pending(archive).stream().map(PendingBatch::manifest).toList();
    long worth = pending.stream().mapToLong(m -> m.bytes() + m.entries() * ENTRY).sum();
    if (worth >= cost / WORTH) {
      return Duration.ZERO;
    }
    long oldest = pending.stream().mapToLong(Manifest::closed).min().orElse(0);
    return left(archive, oldest);
  }

  /** A worker's clock may be ahead: no batch waits for longer than that by this clock either. */
  private Duration left(String archive, long oldest) {
    long now = nanoTime.getAsLong();
    Long since = waitingSince.putIfAbsent(archive, now);
    Duration waited = since == null ? Duration.ZERO : Duration.ofNanos(now - since);
    Duration age = Duration.ofMillis(clock.millis() - oldest);
    Duration left = maxAge.minus(age.compareTo(waited) > 0 ? age : waited);
    return left.isNegative() ? Duration.ZERO : left;
  }

  private long cost(String archive) throws IOException {
    Cost known = costs.get(archive);
    if (known != null && nanoTime.getAsLong() - known.at() < KNOWN_FOR) {
      return known.bytes();
    }
    // Not kept: another coordinator may be at work on it.
    ArchiveExtent extent = source.extent(archive);
    return cost(extent.length(), extent.directoryLength());
  }

  /** The old directory is kept aside, and the new one is written. */
  private long cost(long length, long directoryLength) {
    return 2 * directoryLength + (copies ? length - directoryLength : 0);
  }

  /** An archive was merged here. */
  void merged(MergeOutcome outcome) {
    waitingSince.remove(outcome.archive());
    long cost = cost(outcome.length(), outcome.directoryLength());
    costs.put(outcome.archive(), new Cost(cost, nanoTime.getAsLong()));
  }

  /** Nothing is pending for an archive. */
  void settled(String archive) {
    waitingSince.remove(archive);
  }
}
