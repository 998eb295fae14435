package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The base directory on a filesystem of 24 MB that fills up, and is given room again. Needs root.
 */
@Tag("cluster")
class DiskFullIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int FILES = 12;

  @TempDir Path directory;

  @Test
  void aFullDiskIsToldAndNothingAcknowledgedIsLost() throws Exception {
    Tools.need("curl", "mount", "umount", "cmp", "unzip");
    Tools.needRoot();
    Path file = Files.write(directory.resolve("two-megabytes"), pattern(2 << 20));
    Path base = Files.createDirectory(directory.resolve("base"));
    run("mount", "-t", "tmpfs", "-o", "size=24m", "sheaf-test", base.toString());
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      Running worker = cluster.worker(0);
      List<Integer> kept = new ArrayList<>();
      String refusal = "";
      for (int i = 0; i < FILES && refusal.isEmpty(); i++) {
        String answer = put(cluster, file, i);
        if (answer.startsWith("201")) {
          kept.add(i);
        } else {
          refusal = answer;
        }
      }
      assertThat(kept).isNotEmpty();
      assertThat(refusal).startsWith("507").contains("space");
      assertThat(worker.isAlive()).isTrue();

      run("mount", "-o", "remount,size=200m", base.toString());
      assertThat(put(cluster, file, FILES)).startsWith("201");
      kept.add(FILES);
      Running coordinator = cluster.coordinator();
      cluster.drained();
      coordinator.endsWith(0, PATIENCE);
      for (int i : kept) {
        run("sh", "-c", "unzip -p '" + base + "/full.zip' f" + i + " | cmp - '" + file + "'");
      }
      cluster.verify("--deep").endsWith(0, PATIENCE);
    } finally {
      eventually("the base can be unmounted", PATIENCE, () -> unmounted(base));
    }
  }

  private static byte[] pattern(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i * 31 + i / 257);
    }
    return bytes;
  }

  /** The status and the body of the answer. */
  private String put(Cluster cluster, Path file, int i) throws Exception {
    return run(
            "curl",
            "-sS",
            "--unix-socket",
            cluster.socket(0).toString(),
            "-o",
            directory.resolve("body").toString(),
            "-w",
            "%{http_code} ",
            "-T",
            file.toString(),
            "http://localhost/full.zip/f" + i)
        + Files.readString(directory.resolve("body"));
  }

  private String run(String... command) throws Exception {
    try (Running running = Running.command(directory, "tool", Map.of(), List.of(command))) {
      return running.endsWith(0, PATIENCE).out();
    }
  }

  private boolean unmounted(Path base) throws Exception {
    try (Running umount =
        Running.command(directory, "umount", Map.of(), List.of("umount", base.toString()))) {
      return umount.await(PATIENCE) == 0;
    }
  }
}
