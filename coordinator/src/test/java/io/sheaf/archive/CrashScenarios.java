package io.sheaf.archive;

import static io.sheaf.archive.SimulatedBase.ARCHIVE;

import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.conf.Duplicates;
import io.sheaf.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The scenarios of the crash tests. */
final class CrashScenarios {
  private static final String W = "node7-4711-a1b2c3";
  private static final String V = "node8-4712-d4e5f6";
  private static final MergePolicy ALL = MergePolicy.simple(Duplicates.ALL);

  private CrashScenarios() {}

  static List<CrashScenario> all() {
    return List.of(
        new CrashScenario(
            "first",
            ALL,
            at -> at.batch(ARCHIVE, W, 1, Deposit.of("a"), Deposit.of("b")),
            CrashScenarios::merge),
        new CrashScenario("append", ALL, CrashScenarios::merged, CrashScenarios::append),
        new CrashScenario("many", ALL, CrashScenarios::many, CrashScenarios::merge),
        duplicates(Duplicates.ALL),
        duplicates(Duplicates.FIRST),
        duplicates(Duplicates.ERROR),
        new CrashScenario("nothing-new", ALL, CrashScenarios::copies, CrashScenarios::merge),
        new CrashScenario("quarantine", ALL, CrashScenarios::bad, CrashScenarios::merge),
        new CrashScenario("salvage", ALL, CrashScenarios::torn, CrashScenarios::salvage),
        new CrashScenario("worker", ALL, at -> {}, CrashScenarios::worker),
        new CrashScenario("again", ALL, CrashScenarios::consumed, CrashScenarios::again),
        new CrashScenario("archives", ALL, CrashScenarios::archives, CrashScenarios::mergeEach),
        new CrashScenario("adopted", ALL, CrashScenarios::adopted, CrashScenarios::merge));
  }

  private static void merge(SimulatedBase at) throws IOException {
    at.merge(ARCHIVE);
  }

  private static void merged(SimulatedBase at) throws IOException {
    at.batch(ARCHIVE, W, 1, Deposit.of("a"), Deposit.of("b"));
    at.merge(ARCHIVE);
  }

  /** Batches come while others are merged, as in a session. */
  private static void append(SimulatedBase at) throws IOException {
    at.batch(ARCHIVE, W, 2, Deposit.of("c"), Deposit.of("d"));
    at.merge(ARCHIVE);
    at.batch(ARCHIVE, V, 1, Deposit.of("e").sized(3), Deposit.of("f"));
    at.batch(ARCHIVE, W, 3, Deposit.of("g").sized(0));
    at.merge(ARCHIVE);
  }

  private static void many(SimulatedBase at) throws IOException {
    merged(at);
    for (int seq = 1; seq <= 3; seq++) {
      at.batch(ARCHIVE, V, seq, Deposit.of("v" + seq), Deposit.of("big" + seq).sized(1700));
      at.batch(ARCHIVE, W, seq + 1, Compression.DEFLATED, Deposit.of("w" + seq));
    }
  }

  private static CrashScenario duplicates(Duplicates policy) {
    CrashScenario.Step prepare =
        at -> {
          merged(at);
          Deposit other = Deposit.of("b", "other b");
          Deposit copy = Deposit.of("a");
          boolean refused = policy == Duplicates.ERROR;
          at.batch(ARCHIVE, W, 2, refused ? copy.quarantined() : copy.dropped(), Deposit.of("c"));
          at.batch(
              ARCHIVE,
              V,
              1,
              switch (policy) {
                case ALL -> other.as("b~2");
                case FIRST -> other.dropped();
                case ERROR -> other.quarantined();
                case LAST -> throw new IllegalArgumentException("no scenario yet");
              },
              Deposit.of("d"));
        };
    return new CrashScenario(
        "duplicates-" + policy.name().toLowerCase(Locale.ROOT),
        MergePolicy.simple(policy),
        prepare,
        CrashScenarios::merge);
  }

  private static void copies(SimulatedBase at) throws IOException {
    merged(at);
    at.batch(ARCHIVE, W, 2, Deposit.of("a").dropped());
  }

  private static void bad(SimulatedBase at) throws IOException {
    merged(at);
    Deposit bad = Deposit.of("bad").quarantined();
    at.spoil(at.batch(ARCHIVE, W, 2, Deposit.of("c"), bad, Deposit.of("d")), bad);
    byte[] garbage = "no batch".getBytes(StandardCharsets.UTF_8);
    at.put(at.base.inbox(ARCHIVE).resolve("garbage.zip"), garbage);
    at.deposits.addJunk(garbage);
  }

  /** A worker that died in the middle of an entry, and one whose disk has flipped a bit. */
  private static void torn(SimulatedBase at) throws IOException {
    merged(at);
    byte[] tail = "PK\003\004 torn".getBytes(StandardCharsets.ISO_8859_1);
    at.deposits.addJunk(tail);
    leaveOpen(at, W, 2, tail, Deposit.of("c"), Deposit.of("d").sized(1300));
    Deposit bad = Deposit.of("bad").quarantined();
    at.spoil(leaveOpen(at, V, 1, new byte[0], Deposit.of("e"), bad, Deposit.of("f")), bad);
  }

  private static Path leaveOpen(
      SimulatedBase at, String worker, long seq, byte[] tail, Deposit... entries)
      throws IOException {
    at.deposits.add(ARCHIVE, entries);
    BatchWriter batch = at.open(ARCHIVE, worker, seq, Compression.STORED);
    at.append(batch, Compression.STORED, entries);
    Path part = at.base.inbox(ARCHIVE).resolve(worker + "-" + seq + ".zip.part");
    try (DiskFile file = at.disk.openForWrite(part)) {
      file.write(ByteBuffer.wrap(tail), file.size());
      file.sync();
    }
    at.deposits.acknowledge();
    return part;
  }

  private static void salvage(SimulatedBase at) throws IOException {
    at.salvage();
    at.merge(ARCHIVE);
  }

  private static void worker(SimulatedBase at) throws IOException {
    Deposit a = Deposit.of("a");
    Deposit b = Deposit.of("b");
    at.deposits.add(ARCHIVE, a);
    BatchWriter batch = at.open(ARCHIVE, W, 1, Compression.STORED);
    at.append(batch, Compression.STORED, a);
    batch.sync();
    at.deposits.acknowledge();
    at.deposits.add(ARCHIVE, b);
    at.append(batch, Compression.STORED, b);
    batch.seal();
    at.deposits.acknowledge();
    at.merge(ARCHIVE);
  }

  private static void consumed(SimulatedBase at) throws IOException {
    Path batch = at.batch(ARCHIVE, W, 1, Deposit.of("a"), Deposit.of("b"));
    byte[] bytes = at.disk.readAll(batch);
    at.merge(ARCHIVE);
    at.put(at.base.root().resolve("kept-elsewhere"), bytes);
    at.batch(ARCHIVE, V, 1, Deposit.of("c"));
  }

  /** A batch that was merged is copied to the inbox again, twice. */
  private static void again(SimulatedBase at) throws IOException {
    byte[] bytes = at.disk.readAll(at.base.root().resolve("kept-elsewhere"));
    Path inbox = at.base.inbox(ARCHIVE);
    at.put(inbox.resolve(W + "-1.zip"), bytes);
    at.merge(ARCHIVE);
    at.put(inbox.resolve("copied.zip"), bytes);
    at.merge(ARCHIVE);
  }

  private static void archives(SimulatedBase at) throws IOException {
    at.batch("a.zip", W, 1, Deposit.of("in a"));
    at.batch(ARCHIVE, W, 1, Deposit.of("in b"));
    at.merge(ARCHIVE);
    at.batch(ARCHIVE, W, 2, Deposit.of("in b too"));
    at.batch("c/d/e.zip", W, 1, Deposit.of("in e"));
  }

  private static void mergeEach(SimulatedBase at) throws IOException {
    at.merge("a.zip");
    at.merge(ARCHIVE);
    at.merge("c/d/e.zip");
  }

  /** An archive that was there before Sheaf. */
  private static void adopted(SimulatedBase at) throws IOException {
    merged(at);
    at.disk.delete(at.base.ledger(ARCHIVE));
    at.batch(ARCHIVE, V, 1, Deposit.of("c"));
  }
}
