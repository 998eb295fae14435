package io.sheaf.deposit;

import io.sheaf.batch.AppendRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what waits in the queue to the logs, on one thread: all that came meanwhile with one write
 * for each log.
 */
final class AppendWriter implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(AppendWriter.class);

  /** Blocks that are written at once, so that memory comes free while there is much to write. */
  private static final int BLOCKS = 64;

  private final AppendQueue queue;
  private final AppendLogs logs;
  private final AppendSyncer syncer;
  private final Set<AppendLog> planned = new LinkedHashSet<>();
  private final Map<AppendLog, IOException> failures = new HashMap<>();

  // The run of records that go to one log one behind the other:
  private @Nullable AppendLog runLog;
  private int runFrom;

  AppendWriter(AppendQueue queue, AppendLogs logs, AppendSyncer syncer) {
    this.queue = queue;
    this.logs = logs;
    this.syncer = syncer;
  }

  @Override
  public void run() {
    try {
      for (List<AppendQueue.Item> items = queue.take(BLOCKS);
          !items.isEmpty();
          items = queue.take(BLOCKS)) {
        process(items);
        queue.gather();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      logs.close();
    }
  }

  /** Does what is there now, on the caller's thread. */
  void drain() {
    for (List<AppendQueue.Item> items = queue.poll(BLOCKS);
        !items.isEmpty();
        items = queue.poll(BLOCKS)) {
      process(items);
    }
  }

  private void process(List<AppendQueue.Item> items) {
    List<AppendBlock> group = new ArrayList<>();
    for (AppendQueue.Item item : items) {
      AppendBlock block = item.block();
      Runnable step = item.step();
      if (block != null) {
        group.add(block);
      } else if (step != null) {
        write(group);
        group.clear();
        run(step);
      }
    }
    write(group);
  }

  private static void run(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | OutOfMemoryError e) {
      log.error("a step of the append logs failed", e);
    }
  }

  private void write(List<AppendBlock> group) {
    for (AppendBlock block : group) {
      plan(block);
    }
    for (AppendLog each : planned) {
      try {
        each.write();
      } catch (IOException e) {
        log.error("appends could not be written: {}", e.getMessage());
        failures.put(each, e);
      }
    }
    planned.clear();
    for (AppendBlock block : group) {
      commit(block);
    }
    failures.clear();
    for (AppendBlock block : group) {
      block.steps.forEach(AppendWriter::run);
      queue.reuse(block);
    }
  }

  private void plan(AppendBlock block) {
    runLog = null;
    for (int i = 0; i < block.records; i++) {
      AppendSegment segment = block.owners[i];
      AppendLog to = segment == null || segment.failed ? null : logFor(segment);
      block.logs[i] = to;
      if (to == null || segment == null) {
        endRun(block, block.starts[i]);
        continue;
      }
      if (!to.equals(runLog)) {
        endRun(block, block.starts[i]);
        runLog = to;
        runFrom = block.starts[i];
      }
      AppendRecord.complete(block.bytes, block.starts[i], segment.planned);
      long position = to.reserve(block.end(i) - block.starts[i]);
      block.places[i] = AppendRecord.place(to.number(), position);
      segment.planned = block.places[i];
    }
    endRun(block, block.bytes.position());
  }

  private @Nullable AppendLog logFor(AppendSegment segment) {
    try {
      return logs.of(segment);
    } catch (IOException e) {
      fail(segment, e);
      return null;
    }
  }

  private void endRun(AppendBlock block, int to) {
    AppendLog run = runLog;
    if (run != null) {
      ByteBuffer slice = block.bytes.duplicate().limit(to).position(runFrom);
      run.plan(slice);
      planned.add(run);
      runLog = null;
    }
  }

  private void commit(AppendBlock block) {
    for (int i = 0; i < block.records; i++) {
      AppendSegment segment = block.owners[i];
      AppendLog to = block.logs[i];
      if (segment == null) {
        continue;
      }
      int contents = block.contents(i);
      IOException failure = to == null ? null : failures.get(to);
      if (failure != null) {
        fail(segment, failure);
      } else if (to != null && !segment.failed) {
        written(block, i, segment, to, contents);
      }
      queue.release(segment, contents);
    }
  }

  private void written(
      AppendBlock block, int i, AppendSegment segment, AppendLog to, int contents) {
    if (block.isOpen(i)) {
      logs.opened(segment);
    }
    if (!to.isOwn()) {
      segment.tail = block.places[i];
      segment.logRecords++;
    }
    segment.logBytes += block.end(i) - block.starts[i];
    segment.written += contents;
    segment.touch(to);
    long offset = segment.start + segment.written;
    if (segment.stream.isDurable()) {
      to.unsynced = true;
      syncer.want(segment.stream, offset);
    }
    segment.stream.written(offset);
  }

  private void fail(AppendSegment segment, IOException reason) {
    if (!segment.failed) {
      segment.failed = true;
      segment.stream.failed(Failures.nothingKept(reason));
    }
  }

  /** The log cannot be trusted: whoever has something in it ends where it is. */
  void giveUp(AppendLog broken, IOException reason) {
    for (AppendSegment segment : logs.in(broken)) {
      segment.failed = true;
      segment.stream.failed(Failures.unknown(reason));
    }
  }
}
