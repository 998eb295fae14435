package io.sheaf.deposit;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.batch.SegmentContents;
import io.sheaf.conf.Durability;
import io.sheaf.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The append logs of a worker, step by step on the caller's thread. */
public final class AppendRig implements AutoCloseable {
  private static final Clock CLOCK =
      Clock.fixed(Instant.ofEpochMilli(1_800_000_000_000L), ZoneOffset.UTC);

  private static final LogStream.Listener NOBODY = failure -> {};

  private final Lanes lanes;
  private final AppendStreams streams;
  private final Deque<Closed> closed = new ArrayDeque<>();

  private record Closed(AppendSegment segment, SegmentContents contents) {}

  /**
   * @param logBytes at which a shared log is full
   * @param ownAfter bytes after which a segment has a log alone
   */
  public AppendRig(Disk disk, BaseDirectory base, String worker, long logBytes, long ownAfter) {
    lanes = new Lanes(disk, base, "s", worker, LanesFixture.OPTIONS, CLOCK, batch -> {});
    streams =
        new AppendStreams(
            disk, base, worker, lanes, new AppendLogs.Limits(logBytes, ownAfter, 200), CLOCK);
    streams.stepByStep((segment, contents) -> closed.add(new Closed(segment, contents)));
  }

  public LogStream open(String target, Durability durability, String rule) throws IOException {
    SegmentRule cut = rule.isEmpty() ? SegmentRule.NONE : SegmentRule.parse(rule);
    return streams.open(
        new LogRequest(
            Targets.parse(target), 0, DepositOptions.NOW, null, durability, cut, null, 0, 0),
        NOBODY);
  }

  /** Appends, and has it written and synced. */
  public void append(LogStream stream, byte[] bytes) {
    stream.append(NOBODY, ByteBuffer.wrap(bytes));
    step();
  }

  public void end(LogStream stream) {
    stream.end(NOBODY);
    step();
  }

  private void step() {
    streams.writer().drain();
    streams.syncer().drain();
  }

  /** Deposits what has ended with a batch that is open. */
  public void deposit(BatchWriter batch) throws IOException {
    List<AppendSegment> kept = new ArrayList<>();
    for (Closed each = closed.poll(); each != null; each = closed.poll()) {
      ByteBuffer contents = ByteBuffer.allocate((int) each.contents().size());
      each.contents().read(streams.logs(), contents::put);
      AppendSegment segment = each.segment();
      batch.append(
          List.of(
              PreparedEntry.of(
                  null,
                  segment.head.entry(),
                  segment.time,
                  segment.head.attributes(),
                  segment.id(),
                  contents.flip(),
                  Compression.STORED)));
      segment.taken();
      segment.stream.finished(segment, true, null);
      kept.add(segment);
    }
    batch.settleBeforeName(
        () -> {
          streams.logs().writeEnds(kept).sync();
          streams.logs().ended(kept);
        });
  }

  /** As the death of the process: the logs stay. */
  @Override
  public void close() {
    streams.logs().close();
    lanes.close();
  }
}
