package io.sheaf.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** curl sends one file of 5 GiB through a worker with a heap of 256 MB. */
@Tag("cluster")
class HugeEntryIT {
  private static final long SIZE = 5L << 30;
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  @TempDir Path directory;

  @Test
  void fiveGigabytesThroughASmallHeap() throws Exception {
    Tools.need("curl", "unzip", "cmp");
    Path file = directory.resolve("huge");
    fill(file);
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      cluster.coordinator("--merge-threads", "1");
      Running worker = cluster.worker(0, List.of("-Xmx256m", "-XX:MaxDirectMemorySize=256m"));
      curl(cluster, "known", "-T", file.toString(), "http://localhost/a.zip/dir/known");
      curl(cluster, "small", "-T", "/etc/hostname", "http://localhost/a.zip/dir/small");
      // From a pipe curl does not know the size: the entry is sent in chunks.
      Running chunked =
          cluster.keep(
              Running.command(
                  directory,
                  "chunked",
                  Map.of("S", cluster.socket(0).toString(), "F", file.toString()),
                  List.of(
                      "sh",
                      "-c",
                      "cat $F | curl -sS --fail-with-body --unix-socket $S -T -"
                          + " http://localhost/b.zip/dir/chunked")));
      chunked.endsWith(0, PATIENCE);
      cluster.drained();
      worker.endsWith(0, PATIENCE);
      same(cluster.base().resolve("a.zip"), "dir/known", file);
      same(cluster.base().resolve("b.zip"), "dir/chunked", file);
      cluster.verify().endsWith(0, PATIENCE);
    }
  }

  /** Zeros with random blocks strewn over it, beyond 4 GiB too. */
  private static void fill(Path file) throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed of the huge file: " + seed);
    Random random = new Random(seed);
    byte[] block = new byte[1 << 20];
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.setLength(SIZE);
      for (int i = 0; i < 64; i++) {
        random.nextBytes(block);
        out.seek(Math.floorMod(random.nextLong(), SIZE - block.length));
        out.write(block);
      }
    }
  }

  private void curl(Cluster cluster, String name, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of("curl", "-sS", "--fail-with-body", "--unix-socket", "" + cluster.socket(0)));
    command.addAll(List.of(arguments));
    Running curl = cluster.keep(Running.command(directory, name, Map.of(), command));
    curl.endsWith(0, PATIENCE);
  }

  private void same(Path archive, String entry, Path file) throws Exception {
    assertThat(Files.size(archive)).isGreaterThan(SIZE);
    String command = "unzip -p \"$A\" \"$E\" | cmp - \"$F\"";
    try (Running compare =
        Running.command(
            directory,
            "compare",
            Map.of("A", archive.toString(), "E", entry, "F", file.toString()),
            List.of("sh", "-c", command))) {
      compare.endsWith(0, PATIENCE);
    }
  }
}
