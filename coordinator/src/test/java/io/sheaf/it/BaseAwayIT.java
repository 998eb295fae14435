package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The base directory's filesystem unmounted, lazily, again and again while writers deposit and
 * coordinators merge, and mounted again. Needs root.
 */
@Tag("cluster")
class BaseAwayIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int TIMES = 3;
  private static final String[] ROTATION = {"--rotate-interval", "1s"};

  @TempDir Path directory;

  @Test
  void everybodyWaitsAndNothingIsMadeInTheMountPoint() throws Exception {
    Tools.need("python3", "curl", "mount", "umount");
    Tools.needRoot();
    Files.createDirectory(disk());
    Files.createDirectory(base());
    mount();
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      Running first = cluster.coordinator(ROTATION);
      Running second = cluster.coordinator(ROTATION);
      Running worker = cluster.worker(0, ROTATION);
      for (int time = 1; time <= TIMES; time++) {
        Running writers = writers(cluster, "before" + time);
        long before = cluster.acknowledged();
        eventually("deposits", PATIENCE, () -> cluster.acknowledged() > before + 200);
        run("umount", "--lazy", base().toString());
        for (Running member : List.of(first, second, worker)) {
          int said = time;
          eventually("it says so", PATIENCE, () -> count(member, "PAUSED: ") == said);
        }
        writers.await(PATIENCE);
        assertThat(base()).isEmptyDirectory();
        refuses(cluster);
        assertThat(base()).isEmptyDirectory();
        mount();
        for (Running member : List.of(first, second, worker)) {
          int said = time;
          eventually("it goes on", PATIENCE, () -> count(member, " is back: ") == said);
        }
      }
      writers(cluster, "after").endsWith(0, PATIENCE);
      cluster.drained();
      first.endsWith(0, PATIENCE);
      second.endsWith(0, PATIENCE);
      cluster.everyAcknowledgedDepositIsThereOnce();
      cluster.verify("--deep").endsWith(0, PATIENCE);
      assertThat(left())
          .containsExactly("base.json", "ledgers.json", "sessions", "sessions/test.json");
    } finally {
      eventually("the base can be unmounted", PATIENCE, this::unmounted);
    }
    assertThat(base()).isEmptyDirectory();
  }

  private Path disk() {
    return directory.resolve("disk");
  }

  private Path base() {
    return directory.resolve("base");
  }

  private static Running writers(Cluster cluster, String name) throws Exception {
    return cluster.writers(
        0, name, "--processes", "2", "--files", "2000", "--archives", "5", "--pause", "0.002");
  }

  /** A deposit, and a worker that starts on the bare mount point. */
  private void refuses(Cluster cluster) throws Exception {
    Path file = Files.writeString(directory.resolve("one"), "contents");
    String status =
        run(
            "curl",
            "-sS",
            "--unix-socket",
            cluster.socket(0).toString(),
            "-o",
            directory.resolve("body").toString(),
            "-w",
            "%{http_code}",
            "-T",
            file.toString(),
            "http://localhost/new.zip/x");
    assertThat(status).isEqualTo("503");
    assertThat(directory.resolve("body")).content().contains("is its filesystem mounted?");
    Running late = cluster.coordinator(ROTATION);
    late.endsWith(1, PATIENCE);
    assertThat(late.err()).contains("is its filesystem mounted?");
  }

  private static int count(Running member, String text) throws IOException {
    return member.err().split(text, -1).length - 1;
  }

  private List<String> left() throws IOException {
    Path sheaf = base().resolve(".sheaf");
    try (Stream<Path> all = Files.walk(sheaf)) {
      return all.filter(p -> !p.equals(sheaf))
          .map(p -> sheaf.relativize(p).toString())
          .sorted()
          .toList();
    }
  }

  private void mount() throws Exception {
    run("mount", "--bind", disk().toString(), base().toString());
  }

  private boolean unmounted() throws Exception {
    try (Running umount =
        Running.command(directory, "umount", Map.of(), List.of("umount", base().toString()))) {
      return umount.await(PATIENCE) == 0 || !Files.exists(base().resolve(".sheaf"));
    }
  }

  private String run(String... command) throws Exception {
    try (Running running = Running.command(directory, "tool", Map.of(), List.of(command))) {
      return running.endsWith(0, PATIENCE).out();
    }
  }
}
