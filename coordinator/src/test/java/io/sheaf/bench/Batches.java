package io.sheaf.bench;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.deposit.WorkerId;
import io.sheaf.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Writes closed batches into inboxes, as one worker for each base directory: a copy of one has
 * consumed batches of the worker of its original.
 */
final class Batches {
  static final String SESSION = "bench";

  /** Entries that are written at once, as a busy worker would. */
  private static final int GROUP = 1024;

  private static final long MODIFIED = 1_700_000_000_000L;

  private final Disk disk;
  private final Map<Path, String> workers = new HashMap<>();
  private final Map<Path, Long> sequences = new HashMap<>();

  Batches(Disk disk) {
    this.disk = disk;
  }

  /** Writes each archive's members in so many batches; returns how many there are in all. */
  int from(PlainInbox inbox, BaseDirectory base, int perArchive, Compression compression)
      throws IOException {
    int written = 0;
    try (inbox) {
      for (Map.Entry<String, List<PlainInbox.Member>> archive : inbox.byArchive().entrySet()) {
        List<PlainInbox.Member> members = archive.getValue();
        int each = (members.size() + perArchive - 1) / perArchive;
        for (int from = 0; from < members.size(); from += each) {
          List<PlainInbox.Member> some =
              members.subList(from, Math.min(from + each, members.size()));
          write(base, archive.getKey(), compression, some);
          written++;
        }
      }
    }
    return written;
  }

  private void write(
      BaseDirectory base, String archive, Compression compression, List<PlainInbox.Member> members)
      throws IOException {
    BatchWriter writer = open(base, archive, compression);
    List<PreparedEntry> group = new ArrayList<>();
    for (PlainInbox.Member member : members) {
      ByteBuffer contents = ByteBuffer.wrap(member.contents());
      group.add(PreparedEntry.of(member.name(), member.modified(), contents, compression));
      flush(writer, group, GROUP);
    }
    flush(writer, group, 1);
    writer.seal();
  }

  /** Writes one batch of entries with numbers from {@code first} on, all with the same contents. */
  void fill(BaseDirectory base, String archive, int first, int count, int size) throws IOException {
    byte[] body = new byte[size];
    new Random(1).nextBytes(body);
    BatchWriter writer = open(base, archive, Compression.STORED);
    List<PreparedEntry> group = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      String name = "job" + i / 1000 + "/task" + i % 1000 + "/out.log";
      group.add(PreparedEntry.of(name, MODIFIED, ByteBuffer.wrap(body), Compression.STORED));
      flush(writer, group, GROUP);
    }
    flush(writer, group, 1);
    writer.seal();
  }

  private BatchWriter open(BaseDirectory base, String archive, Compression compression)
      throws IOException {
    String worker = workers.computeIfAbsent(base.root(), root -> WorkerId.create().toString());
    long seq = sequences.merge(base.inbox(archive), 1L, Long::sum);
    BatchWriter.Origin origin = new BatchWriter.Origin(SESSION, worker, archive, seq);
    return BatchWriter.open(disk, base, origin, compression, false, Clock.systemUTC());
  }

  private static void flush(BatchWriter writer, List<PreparedEntry> group, int least)
      throws IOException {
    if (group.size() >= least) {
      writer.append(group);
      group.clear();
    }
  }
}
