package io.sheaf.bench;

import io.sheaf.archive.Consolidator;
import io.sheaf.archive.MergePolicy;
import io.sheaf.archive.Verifier;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.conf.Duplicates;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Merges batches into new archives, and has {@code cat} copy the same batches with fsync, in turns.
 *
 * <pre>MergeBench DIR ENTRIES SIZE ARCHIVES BATCHES THREADS RUNS</pre>
 */
final class MergeBench {
  private final Disk disk = new SystemDisk();
  private final Path directory;
  private final int entries;
  private final int size;
  private final int archives;
  private final int batches;
  private final int threads;
  private final int runs;

  private MergeBench(Path directory, int[] numbers) {
    this.directory = directory;
    this.entries = numbers[0];
    this.size = numbers[1];
    this.archives = numbers[2];
    this.batches = numbers[3];
    this.threads = numbers[4];
    this.runs = numbers[5];
  }

  public static void main(String[] args) throws Exception {
    int[] numbers = Arrays.stream(args).skip(1).mapToInt(Integer::parseInt).toArray();
    new MergeBench(Path.of(args[0]), numbers).run();
  }

  private void run() throws Exception {
    System.out.printf(
        "%d entries of %d bytes in %d batches into %d archives, %d threads%n",
        entries, size, batches, archives, threads);
    double[] cat = new double[runs];
    double[] merge = new double[runs];
    double[] ratio = new double[runs];
    // The first turn warms the page cache and the JVM, and is not counted.
    for (int i = -1; i < runs; i++) {
      Path base = directory.resolve("merge-bench");
      delete(base);
      BaseDirectory opened = BaseDirectory.create(disk, base);
      deposit(opened);
      new ProcessBuilder("sync").inheritIO().start().waitFor();
      double seconds = cat(opened);
      double own = merge(opened);
      System.out.printf("cat %.3f s  merge %.3f s  ratio %.2f%n", seconds, own, own / seconds);
      if (i >= 0) {
        cat[i] = seconds;
        merge[i] = own;
        ratio[i] = own / seconds;
      }
      if (i == runs - 1 && !new Verifier(disk, opened).verify(false).sound()) {
        throw new IllegalStateException("the archives are not sound");
      }
      delete(base);
    }
    System.out.printf(
        "median: cat with fsync %.3f s, merge %.3f s, ratio %.2f%n",
        median(cat), median(merge), median(ratio));
  }

  private void deposit(BaseDirectory base) throws IOException {
    byte[] body = new byte[size];
    new Random(1).nextBytes(body);
    int perBatch = entries / batches;
    for (int b = 0; b < batches; b++) {
      String archive = "ar" + b % archives + ".zip";
      BatchWriter.Origin origin =
          new BatchWriter.Origin("bench", "bench-1-aaaaaa", archive, b / archives + 1);
      BatchWriter writer =
          BatchWriter.open(disk, base, origin, Compression.STORED, false, Clock.systemUTC());
      List<PreparedEntry> group = new ArrayList<>();
      for (int i = 0; i < perBatch; i++) {
        String name = "job" + b + "/task" + i + "/out.log";
        group.add(PreparedEntry.of(name, 0, ByteBuffer.wrap(body), Compression.STORED));
      }
      writer.append(group);
      writer.seal();
    }
  }

  /** The physical limit: the same bytes, read once and written once, each archive synced. */
  private double cat(BaseDirectory base) throws Exception {
    Path script = directory.resolve("cat.sh");
    Files.writeString(
        script,
        """
        set -e
        for d in "$1"/.sheaf/inbox/*.zip; do
          cat "$d"/*.zip > "$1/$(basename "$d").cat"
          sync "$1/$(basename "$d").cat"
        done
        """);
    long start = System.nanoTime();
    int status =
        new ProcessBuilder("sh", script.toString(), base.root().toString())
            .inheritIO()
            .start()
            .waitFor();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (status != 0) {
      throw new IOException("cat ended with " + status);
    }
    for (int a = 0; a < archives; a++) {
      Files.delete(base.root().resolve("ar" + a + ".zip.cat"));
    }
    Files.delete(script);
    return seconds;
  }

  private double merge(BaseDirectory base) throws Exception {
    Consolidator consolidator =
        new Consolidator(
            disk,
            base,
            MergePolicy.simple(Duplicates.ALL),
            "bench-1-bbbbbb",
            "bench",
            Clock.systemUTC());
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    long start = System.nanoTime();
    List<Future<?>> merges = new ArrayList<>();
    for (int a = 0; a < archives; a++) {
      String archive = "ar" + a + ".zip";
      merges.add(pool.submit(() -> consolidator.merge(archive, List.of(), () -> {})));
    }
    for (Future<?> one : merges) {
      one.get();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    pool.shutdown();
    return seconds;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
