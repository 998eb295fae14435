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

  /**
   * Entries, tar streams, files to be picked up and a spool go on while the filesystem is full, and
   * when it has room again; logs have a test in {@link AppendsIT}.
   */
  @Test
  void everyDoorGoesOnWhenThereIsRoomAgain() throws Exception {
    Tools.need("python3", "mount", "umount");
    Tools.needRoot();
    Path base = Files.createDirectory(directory.resolve("base"));
    Path files = Files.createDirectory(directory.resolve("files"));
    Path spool = directory.resolve("spool");
    run("mount", "-t", "tmpfs", "-o", "size=40m", "sheaf-test", base.toString());
    String[] options = {"--duplicates", "error", "--rotate-interval", "2s", "--spool", "" + spool};
    List<String> doors = List.of("put:write", "put:fsync", "tar:write", "pickup:fsync");
    int told = doors.size();
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      Running worker = cluster.worker(0, options);
      List<String> arguments = new ArrayList<>(List.of("--spool", "" + spool, "spool"));
      arguments.addAll(doors);
      Running load = cluster.doors(0, files, arguments.toArray(String[]::new));
      eventually("each is refused", PATIENCE, () -> refused(files).size() == told);
      eventually("the spool waits", PATIENCE, () -> worker.err().contains("in the spool waits"));
      assertThat(worker.isAlive()).isTrue();
      assertThat(load.isAlive()).as(load.err()).isTrue();

      run("mount", "-o", "remount,size=1g", base.toString());
      long before = cluster.acknowledged();
      eventually("all goes on", PATIENCE, () -> cluster.acknowledged() > before + 500);
      Files.createFile(files.resolve("stop"));
      load.endsWith(0, PATIENCE);
      eventually("the spool is empty", PATIENCE, () -> left(spool).isEmpty());
      Running coordinator = cluster.coordinator("--duplicates", "error", "--rotate-interval", "2s");
      cluster.drained();
      coordinator.endsWith(0, PATIENCE);
      cluster.verify("--deep").endsWith(0, PATIENCE);
      cluster.everyAcknowledgedDepositIsThereOnce();
    } finally {
      eventually("the base can be unmounted", PATIENCE, () -> unmounted(base));
    }
  }

  /** Files in a spool, but for its lock. */
  private static List<Path> left(Path spool) throws Exception {
    return FilesBelow.of(spool).stream().filter(f -> !f.endsWith(".lock")).toList();
  }

  private static List<Path> refused(Path files) throws Exception {
    return FilesBelow.of(files).stream()
        .filter(file -> file.getFileName().toString().startsWith("refused-"))
        .toList();
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
