package io.sheaf.bench;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.Compression;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A process that stays warm between measurements. It reads a command a line from its standard input
 * and answers each with a line: {@code ok} and numbers. Paths hold no blanks.
 *
 * <pre>
 * batches INBOX BASE PER_ARCHIVE stored|deflated   the members of a plain inbox as batches
 * deposit INBOX BASE MAX_OPEN ROTATIONS            the same, by a worker's lanes
 * fill BASE ARCHIVE FIRST COUNT SIZE               one batch of made-up entries
 * merge BASE replace|in-place|auto THREADS         answers seconds, entries
 * live STAGE BASE SERVERS SESSION                  hands batches to running coordinators; seconds
 * </pre>
 */
final class BenchMain {
  private final Disk disk = new SystemDisk();
  private final Batches batches = new Batches(disk);
  private final WarmMerge merge = new WarmMerge(disk);

  private BenchMain() {}

  public static void main(String[] args) throws Exception {
    BenchMain bench = new BenchMain();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println("ok " + bench.run(line.split(" ", -1)));
    }
    System.exit(0); // The pools of warm threads would keep it.
  }

  private String run(String[] words) throws Exception {
    return switch (words[0]) {
      case "batches" ->
          batches.from(
                  new PlainInbox(Path.of(words[1])),
                  base(words[2]),
                  number(words[3]),
                  Compression.valueOf(words[4].toUpperCase(Locale.ROOT)))
              + "";
      case "deposit" ->
          Deposits.run(
                  disk,
                  new PlainInbox(Path.of(words[1])),
                  base(words[2]),
                  number(words[3]),
                  number(words[4]))
              + "";
      case "fill" -> {
        batches.fill(
            base(words[1]), words[2], number(words[3]), number(words[4]), number(words[5]));
        yield "";
      }
      case "merge" -> merge.run(base(words[1]), strategy(words[2]), number(words[3]));
      case "live" -> LiveMerge.run(disk, base(words[1]), base(words[2]), words[3], words[4]) + "";
      default -> throw new IllegalArgumentException("no command " + words[0]);
    };
  }

  private BaseDirectory base(String path) throws IOException {
    return BaseDirectory.create(disk, Path.of(path));
  }

  private static CommitStrategy strategy(String name) {
    return CommitStrategy.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  private static int number(String word) {
    return Integer.parseInt(word);
  }
}
