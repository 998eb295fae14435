package io.sheaf.archive;

import static io.sheaf.archive.SimulatedBase.ARCHIVE;

import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.AppendRig;
import io.sheaf.deposit.LogStream;
import io.sheaf.disk.Disk;
import io.sheaf.disk.HookedDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What crashes in the life of append logs. */
final class AppendScenarios {
  private static final String W = "node7-4711-a1b2c3";
  private static final String OTHER = "a.zip";

  private AppendScenarios() {}

  /** A log that a scenario appends to, and what of it is acknowledged. */
  private static final class Log {
    private final SimulatedBase at;
    private final AppendRig rig;
    private final LogStream stream;
    private final String archive;
    private final String name;
    private final Durability durability;
    private byte[] all = {};

    Log(SimulatedBase at, AppendRig rig, String archive, String name, Durability durability)
        throws IOException {
      this.at = at;
      this.rig = rig;
      this.archive = archive;
      this.name = name;
      this.durability = durability;
      this.stream = rig.open(archive + "/" + name, durability, "");
    }

    Log append(int length) {
      int before = all.length;
      all = Arrays.copyOf(all, before + length);
      for (int i = before; i < all.length; i++) {
        all[i] = (byte) (name.hashCode() + i * 31);
      }
      at.deposits.add(archive, Deposit.growing(name, all));
      rig.append(stream, Arrays.copyOfRange(all, before, all.length));
      if (durability == Durability.FSYNC) {
        at.deposits.acknowledge();
      }
      return this;
    }

    void end() {
      rig.end(stream);
    }
  }

  private static AppendRig rig(SimulatedBase at) {
    // What is in the logs is safe; the open batch that has a part of it may be torn.
    at.deposits.remainsMayReturn();
    return new AppendRig(at.disk, at.base, W, 1_500, 100_000);
  }

  private static void seal(SimulatedBase at, AppendRig rig, long seq) throws IOException {
    BatchWriter batch = at.open(ARCHIVE, W, seq, Compression.STORED, false);
    rig.deposit(batch);
    batch.seal();
  }

  /** Logs end one after the other, in several batches; logs fill up, and are deleted. */
  static void worker(SimulatedBase at) throws IOException {
    try (AppendRig rig = rig(at)) {
      Log a = new Log(at, rig, ARCHIVE, "a", Durability.FSYNC).append(700);
      Log b = new Log(at, rig, ARCHIVE, "b", Durability.FSYNC).append(300);
      a.append(900).end();
      seal(at, rig, 1);
      Log c = new Log(at, rig, ARCHIVE, "c", Durability.FSYNC).append(1_200);
      b.append(200);
      c.end();
      seal(at, rig, 2);
      b.append(100).end();
      at.merge(ARCHIVE);
      seal(at, rig, 3);
    }
    at.merge(ARCHIVE);
  }

  /** A log that grows large has a file alone; what it promises is only durable at its end. */
  static void large(SimulatedBase at) throws IOException {
    at.deposits.remainsMayReturn();
    try (AppendRig rig = new AppendRig(at.disk, at.base, W, 4_000, 1_000)) {
      Log a = new Log(at, rig, ARCHIVE, "a", Durability.WRITE).append(800);
      Log b = new Log(at, rig, ARCHIVE, "b", Durability.WRITE).append(600);
      a.append(500).append(700);
      b.append(700).append(400);
      a.append(600).end();
      seal(at, rig, 1);
      b.append(300).end();
      seal(at, rig, 2);
      at.deposits.acknowledge();
    }
    at.merge(ARCHIVE);
  }

  /** Cuts at line feeds, each of which takes the end of a line into the next entry. */
  static void cut(SimulatedBase at) throws IOException {
    try (AppendRig rig = rig(at)) {
      LogStream log = rig.open(ARCHIVE + "/log", Durability.FSYNC, "600");
      // Of 58 bytes each: 600 bytes end within the eleventh.
      byte[] text =
          "a line of some length that is cut somewhere in the middle\n"
              .repeat(18)
              .getBytes(StandardCharsets.US_ASCII);
      at.deposits.add(ARCHIVE, Deposit.growing("log|log.1", Arrays.copyOf(text, 400)));
      rig.append(log, Arrays.copyOf(text, 400));
      at.deposits.acknowledge();
      at.deposits.add(ARCHIVE, Deposit.growing("log|log.1", text));
      // Of the eleventh line three pieces go to the next entry.
      rig.append(log, Arrays.copyOfRange(text, 400, 584));
      rig.append(log, Arrays.copyOfRange(text, 584, 590));
      rig.append(log, Arrays.copyOfRange(text, 590, text.length));
      at.deposits.acknowledge();
      seal(at, rig, 1);
      rig.end(log);
      seal(at, rig, 2);
    }
    at.merge(ARCHIVE);
  }

  /** The batch with the entry of a log cannot be synced, and is written anew. */
  static void anew(SimulatedBase at) throws IOException {
    boolean[] failed = new boolean[1];
    Disk failing =
        HookedDisk.of(
            at.disk,
            call -> {
              if (!failed[0] && call.is("sync") && call.path().toString().endsWith(".part")) {
                failed[0] = true;
                throw new IOException("Input/output error");
              }
              return call.proceed();
            });
    SimulatedBase worker = at.on(failing);
    try (AppendRig rig = rig(worker)) {
      new Log(worker, rig, ARCHIVE, "a", Durability.FSYNC).append(700).end();
      BatchWriter batch = worker.open(ARCHIVE, W, 1, Compression.STORED);
      rig.deposit(batch);
      try {
        batch.seal();
        throw new AssertionError("sealed without a sync");
      } catch (IOException e) {
        batch.seal();
      }
    }
    at.merge(ARCHIVE);
  }

  /** A worker that died with logs in all states, some with an entry in an open batch. */
  static void left(SimulatedBase at) throws IOException {
    AppendRig rig = rig(at);
    new Log(at, rig, ARCHIVE, "ended", Durability.FSYNC).append(700).end();
    Log open = new Log(at, rig, ARCHIVE, "open", Durability.FSYNC).append(300);
    seal(at, rig, 1);
    new Log(at, rig, ARCHIVE, "in a batch", Durability.FSYNC).append(900).end();
    new Log(at, rig, OTHER, "elsewhere", Durability.FSYNC).append(400);
    open.append(500);
    BatchWriter batch = at.open(ARCHIVE, W, 2, Compression.STORED);
    rig.deposit(batch);
    batch.sync();
    rig.close();
    batch.abandon();
  }

  static void salvage(SimulatedBase at) throws IOException {
    at.salvage();
    at.merge(ARCHIVE);
    at.merge(OTHER);
  }
}
