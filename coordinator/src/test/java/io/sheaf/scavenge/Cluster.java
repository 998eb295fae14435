package io.sheaf.scavenge;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.curator.test.TestingServer;
import org.assertj.core.api.Assertions;

/** A real ZooKeeper, a real base directory, and coordinators in this process. */
final class Cluster implements AutoCloseable {
  static final String SESSION = "test";

  final Disk disk = new SystemDisk();
  final TestingServer server;
  final Tree tree;
  final BaseDirectory base;
  private final Path root;
  private final List<Runnable> parts = new ArrayList<>();

  Cluster(Path root) throws Exception {
    this.root = root;
    this.server = new TestingServer();
    this.base = BaseDirectory.create(disk, root);
    this.tree = connect();
  }

  Tree connect() {
    Tree connected = Tree.connect(TreeOptions.of(settings().build()));
    parts.add(connected::close);
    return connected;
  }

  Settings.Builder settings() {
    return Settings.builder()
        .option(Keys.SERVERS, server.getConnectString())
        .option(Keys.SESSION, SESSION)
        .option(Keys.BASE, root.toString())
        .option(Keys.SESSION_TIMEOUT, "5s")
        .option(Keys.SALVAGE_GRACE, "500ms")
        .option(Keys.SCAN_INTERVAL, "1s");
  }

  CoordinatorDaemon coordinator() throws IOException {
    return coordinator(settings().build());
  }

  CoordinatorDaemon coordinator(Settings settings) throws IOException {
    CoordinatorDaemon daemon =
        CoordinatorDaemon.start(settings, disk, connect(), Clock.systemUTC());
    parts.add(daemon::close);
    return daemon;
  }

  /** On a disk of its own. */
  CoordinatorDaemon coordinator(Disk other) throws IOException {
    CoordinatorDaemon daemon =
        CoordinatorDaemon.start(settings().build(), other, connect(), Clock.systemUTC());
    parts.add(daemon::close);
    return daemon;
  }

  BatchWriter open(String session, String worker, String archive, long seq) throws IOException {
    return BatchWriter.open(
        disk,
        base,
        new BatchWriter.Origin(session, worker, archive, seq),
        Compression.STORED,
        true,
        Clock.systemUTC());
  }

  static PreparedEntry entry(String name, String contents) {
    return PreparedEntry.of(
        name, 0, ByteBuffer.wrap(contents.getBytes(StandardCharsets.UTF_8)), Compression.STORED);
  }

  /** Writes a closed batch with some entries that say where they come from. */
  PendingBatch batch(String worker, String archive, long seq, int entries) throws IOException {
    return batch(SESSION, worker, archive, seq, entries);
  }

  PendingBatch batch(String session, String worker, String archive, long seq, int entries)
      throws IOException {
    BatchWriter writer = open(session, worker, archive, seq);
    List<PreparedEntry> prepared = new ArrayList<>();
    for (int i = 0; i < entries; i++) {
      String name = worker + "/" + seq + "/" + i;
      prepared.add(entry(name, archive + " " + name));
    }
    writer.append(prepared);
    return writer.seal();
  }

  /** The contents of an archive by name. */
  Map<String, String> read(String archive) throws IOException {
    Map<String, String> contents = new HashMap<>();
    Path path = base.archive(archive);
    if (disk.stat(path).isEmpty()) {
      return contents;
    }
    try (ZipFile zip = new ZipFile(path.toFile())) {
      for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements(); ) {
        ZipEntry entry = e.nextElement();
        String text = new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
        Assertions.assertThat(contents.put(entry.getName(), text)).isNull();
      }
    }
    return contents;
  }

  interface Check {
    boolean holds() throws Exception;
  }

  /** Waits until something holds. */
  static void eventually(String what, Check check) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    Object pause = new Object();
    while (!check.holds()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not within a minute: " + what);
      }
      synchronized (pause) {
        pause.wait(20);
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (int i = parts.size() - 1; i >= 0; i--) {
      parts.get(i).run();
    }
    server.close();
  }
}
