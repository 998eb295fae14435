package io.sheaf.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.deposit.LaneDepositor;
import io.sheaf.deposit.LaneOptions;
import io.sheaf.deposit.LanesFixture;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.ForwardingDisk;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SpoolDoorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  private LanesFixture lanes(LaneOptions options) throws IOException {
    return new LanesFixture(directory.resolve("base"), options);
  }

  private Path spool() {
    return directory.resolve("spool");
  }

  private SpoolDoor door(LanesFixture lanes) throws IOException {
    return door(new SystemDisk(), lanes);
  }

  private SpoolDoor door(Disk disk, LanesFixture lanes) throws IOException {
    return SpoolDoor.start(disk, spool(), new LaneDepositor(lanes.lanes));
  }

  /** As a program does. */
  private Path leave(String target, String contents) throws IOException {
    Path tmp = Files.createDirectories(spool().resolve("tmp"));
    Path written = Files.writeString(Files.createTempFile(tmp, "w", ""), contents);
    Path to = spool().resolve("new").resolve(target);
    Files.createDirectories(to.getParent());
    return Files.move(written, to, StandardCopyOption.ATOMIC_MOVE);
  }

  private List<Path> files(String part) throws IOException {
    try (Stream<Path> all = Files.walk(spool().resolve(part))) {
      return all.filter(p -> !Files.isDirectory(p)).toList();
    }
  }

  private static void finish(SpoolDoor door) throws InterruptedException {
    assertThat(door.finish(PATIENCE)).isTrue();
    assertThat(door.status().trouble()).isEmpty();
    door.close();
  }

  private void nothingHasFailed() throws IOException {
    for (Path file : files("failed")) {
      assertThat(file.toString().endsWith(".reason") ? Files.readString(file) : "").isEmpty();
    }
    assertThat(files("cur")).isEmpty();
    assertThat(files("new")).isEmpty();
  }

  @Test
  void whatIsRenamedIntoItBecomesAnEntryAndIsGone() throws Exception {
    try (LanesFixture lanes = lanes(LanesFixture.OPTIONS)) {
      leave("a.zip/before", "was there at the start");
      SpoolDoor door = door(lanes);
      for (int i = 0; i < 50; i++) {
        leave("a.zip/dir/" + i, "contents " + i);
        leave("b" + i % 3 + ".zip/deep/er/" + i, "more " + i);
      }
      LanesFixture.eventually("all are deposited", () -> door.status().deposited() == 101);
      finish(door);
      assertThat(files("new")).isEmpty();
      assertThat(files("cur")).isEmpty();
      assertThat(lanes.contents()).hasSize(101);
      assertThat(lanes.content("a.zip/dir/7")).asString().isEqualTo("contents 7");
      assertThat(lanes.content("b1.zip/deep/er/7")).asString().isEqualTo("more 7");
    }
  }

  /** More than one catch holds, with a large one among them. */
  @Test
  void manyAreTaken() throws Exception {
    try (LanesFixture lanes = lanes(LanesFixture.OPTIONS)) {
      for (int i = 0; i < 2_500; i++) {
        leave("a.zip/" + i, "" + i);
      }
      leave("a.zip/large", "x".repeat(3 << 20));
      SpoolDoor door = door(lanes);
      finish(door);
      nothingHasFailed();
      assertThat(lanes.contents()).hasSize(2_501);
      assertThat(lanes.content("a.zip/large")).hasSize(3 << 20);
      assertThat(files("cur")).isEmpty();
    }
  }

  /** Latin-1, in a file's name and in a directory's. */
  @Test
  void aNameThatIsNotUtf8IsPutAsideWithTheReason() throws Exception {
    try (LanesFixture lanes = lanes(LanesFixture.OPTIONS)) {
      leave("a.zip/good", "good");
      String make =
          "cd '%s/new/a.zip' && printf 1 >\"$(printf 'caf\\351')\""
              + " && mkdir \"$(printf 'd\\351')\" && printf 2 >\"$(printf 'd\\351/x')\"";
      Process sh = new ProcessBuilder("sh", "-c", make.formatted(spool())).inheritIO().start();
      assertThat(sh.waitFor()).isZero();
      SpoolDoor door = door(lanes);
      finish(door);
      assertThat(lanes.contents()).containsOnlyKeys("a.zip/good");
      assertThat(files("new")).isEmpty();
      int reasons = 0;
      for (Path file : files("failed")) {
        boolean isReason = file.toString().endsWith(".reason");
        reasons += isReason ? 1 : 0;
        assertThat(Files.readString(file)).matches(isReason ? "(?s).*UTF-8\n" : "[12]");
      }
      assertThat(reasons).isEqualTo(2);
    }
  }

  @Test
  void whatCanNeverBeTakenIsPutAsideWithTheReason() throws Exception {
    try (LanesFixture lanes = lanes(LanesFixture.options(64, 1_000, true))) {
      leave("nowhere/x", "no archive");
      leave("a.zip/large", "x".repeat(1_001));
      Files.createLink(
          leave("a.zip/linked", "two names").resolveSibling("again"), leave("a.zip/other", ""));
      leave("a.zip/good", "good");
      SpoolDoor door = door(lanes);
      finish(door);
      assertThat(lanes.contents()).containsOnlyKeys("a.zip/good", "a.zip/linked");
      List<String> reasons = new ArrayList<>();
      for (Path file : files("failed")) {
        if (file.toString().endsWith(".reason")) {
          reasons.add(Files.readString(file));
        }
      }
      assertThat(reasons)
          .hasSize(4)
          .anyMatch(r -> r.startsWith("new/nowhere/x: no component ends in .zip"))
          .anyMatch(r -> r.contains("larger than max_entry_bytes"))
          .anyMatch(r -> r.contains("hard links"));
      assertThat(door.status().failed()).isEqualTo(4);
      assertThat(files("failed")).hasSize(8);
      assertThat(files("cur")).isEmpty();
    }
  }

  @Test
  void linksAndHiddenFilesAreLeftAlone() throws Exception {
    try (LanesFixture lanes = lanes(LanesFixture.OPTIONS)) {
      Path secret = Files.writeString(directory.resolve("secret"), "not for you");
      Path in = leave("a.zip/file", "file").getParent();
      Files.createSymbolicLink(in.resolve("link"), secret);
      Files.createSymbolicLink(in.resolve("up"), directory);
      leave("a.zip/.file.Xy12Z", "of rsync");
      SpoolDoor door = door(lanes);
      finish(door);
      assertThat(lanes.contents()).containsOnlyKeys("a.zip/file");
      assertThat(in.resolve("link")).isSymbolicLink();
      assertThat(in.resolve(".file.Xy12Z")).exists();
      assertThat(secret).hasContent("not for you");
    }
  }

  @Test
  void oneWorkerServesIt() throws Exception {
    try (LanesFixture lanes = lanes(LanesFixture.OPTIONS);
        SpoolDoor door = door(lanes)) {
      assertThat(door.status().trouble()).isEmpty();
      assertThatThrownBy(() -> door(lanes)).hasMessageContaining("served by another worker");
    }
  }

  @Test
  void whatCannotBeTakenNowWaits() throws Exception {
    try (LanesFixture lanes = lanes(LanesFixture.OPTIONS)) {
      lanes.lanes.pause("the base directory is away");
      leave("a.zip/x", "x");
      SpoolDoor door = door(lanes);
      LanesFixture.eventually(
          "it says why", () -> door.status().trouble().equals("the base directory is away"));
      assertThat(files("cur")).anyMatch(file -> file.endsWith("0"));
      lanes.lanes.pause("");
      LanesFixture.eventually("it is deposited", () -> door.status().deposited() == 1);
      finish(door);
      assertThat(lanes.contents()).containsOnlyKeys("a.zip/x");
    }
  }

  /** A crash at each step that it takes: the next worker finishes, and no file is lost. */
  @Test
  void nothingIsLostWhereverItStops() throws Exception {
    for (int stop = 0; ; stop++) {
      Path root = Files.createDirectories(directory.resolve("stop" + stop));
      try (LanesFixture lanes = new LanesFixture(root.resolve("base"), LanesFixture.OPTIONS)) {
        int steps = crashed(root, stop, lanes);
        SpoolDoor door =
            SpoolDoor.start(
                new SystemDisk(), root.resolve("spool"), new LaneDepositor(lanes.lanes));
        finish(door);
        Map<String, List<byte[]>> found = lanes.contents();
        assertThat(found).as("stopped at step %d", stop).hasSize(3);
        if (steps < stop) {
          assertThat(stop).isGreaterThan(8);
          assertThat(found.values()).allMatch(each -> each.size() == 1);
          return;
        }
      }
    }
  }

  /** Serves a spool until a step fails, and all after it; how many there were. */
  private static int crashed(Path root, int stop, LanesFixture lanes) throws Exception {
    for (int i = 0; i < 3; i++) {
      Path file = root.resolve("spool/new/a.zip/" + i);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "contents " + i);
    }
    AtomicInteger steps = new AtomicInteger();
    Disk disk = new StoppingDisk(steps, stop);
    try (SpoolDoor door =
        SpoolDoor.start(disk, root.resolve("spool"), new LaneDepositor(lanes.lanes))) {
      LanesFixture.eventually(
          "it has ended, or is stopped", () -> !door.status().trouble().isEmpty() || isEmpty(root));
    } catch (IOException e) {
      assertThat(e).hasMessage("stopped");
    }
    return steps.get();
  }

  private static boolean isEmpty(Path root) {
    try (Stream<Path> all = Files.walk(root.resolve("spool"))) {
      return all.filter(Files::isRegularFile).allMatch(file -> file.endsWith(".lock"));
    } catch (IOException e) {
      return false;
    }
  }

  /** Does nothing any more from some step on. */
  private static final class StoppingDisk extends ForwardingDisk {
    private final AtomicInteger steps;
    private final int stop;

    StoppingDisk(AtomicInteger steps, int stop) {
      super(new SystemDisk());
      this.steps = steps;
      this.stop = stop;
    }

    private void step() throws IOException {
      if (steps.incrementAndGet() > stop) {
        throw new IOException("stopped");
      }
    }

    @Override
    public DiskFile create(Path file) throws IOException {
      step();
      return super.create(file);
    }

    @Override
    public void createDirectories(Path made) throws IOException {
      step();
      super.createDirectories(made);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      step();
      super.rename(from, to);
    }

    @Override
    public boolean delete(Path file) throws IOException {
      step();
      return super.delete(file);
    }

    @Override
    public boolean deleteEmptyDirectory(Path empty) throws IOException {
      step();
      return super.deleteEmptyDirectory(empty);
    }

    @Override
    public void syncDirectory(Path synced) throws IOException {
      step();
      super.syncDirectory(synced);
    }
  }
}
