package io.sheaf.cli;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.deposit.WorkerId;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * What the launcher has run once, for its archive of loaded classes: the short commands, merges of
 * both strategies, and an adoption.
 *
 * <pre>Training DIR</pre>
 *
 * where the directory is empty and will be removed.
 */
final class Training {
  private static final int ENTRIES = 200;

  private final Disk disk = new SystemDisk();
  private final String worker = WorkerId.create().toString();
  private final BaseDirectory base;

  private Training(Path directory) throws IOException {
    this.base = BaseDirectory.create(disk, directory);
  }

  public static void main(String[] args) throws IOException {
    DefaultLogLevel.quiet();
    new Training(Path.of(args[0])).run();
  }

  private void run() throws IOException {
    command("put", "--help");
    String root = base.root().toString();
    batch(1, Compression.STORED);
    command("recover", "-r", root);
    batch(2, Compression.DEFLATED);
    command("recover", "-r", root, "--commit", "in-place");
    batch(3, Compression.STORED);
    command("ls", "-r", root);
    command("recover", "-r", root, "--commit", "replace", "--output", "json");
    command("verify", "-r", root, "--deep");
    foreign("node1-231114_221320.zip");
    command("adopt", "-d", root);
  }

  private static void command(String... args) {
    int status = Sheaf.commandLine(Context.ofProcess(System.out), args).execute(args);
    if (status != ExitStatus.DONE) {
      throw new IllegalStateException(String.join(" ", args) + " ended with " + status);
    }
  }

  /** Some names are those of the batch before, with the same contents and with others. */
  private void batch(long seq, Compression compression) throws IOException {
    BatchWriter.Origin origin = new BatchWriter.Origin("training", worker, "ar.zip", seq);
    BatchWriter batch = BatchWriter.open(disk, base, origin, compression, false, Clock.systemUTC());
    List<PreparedEntry> entries = new ArrayList<>();
    for (int i = 0; i < ENTRIES; i++) {
      String name = "task" + (seq * ENTRIES / 2 + i) + "/out.log";
      String contents = i % 3 == 0 ? name + seq : name;
      ByteBuffer bytes = ByteBuffer.wrap(contents.getBytes(StandardCharsets.UTF_8));
      entries.add(PreparedEntry.of(name, 0, bytes, compression));
    }
    batch.append(entries);
    batch.seal();
  }

  /** A zip as rear's workers leave them: for two archives, closed long ago. */
  private void foreign(String name) throws IOException {
    Path inbox = Files.createDirectories(base.root().resolve("inbox"));
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(inbox.resolve(name)))) {
      zip.setMethod(ZipOutputStream.STORED);
      for (int i = 0; i < ENTRIES; i++) {
        byte[] contents = ("out " + i).getBytes(StandardCharsets.UTF_8);
        CRC32 crc = new CRC32();
        crc.update(contents);
        ZipEntry entry = new ZipEntry("ar" + i % 2 + ".zip/job1/task" + i + "/out.log");
        entry.setSize(contents.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(contents);
      }
    }
  }
}
