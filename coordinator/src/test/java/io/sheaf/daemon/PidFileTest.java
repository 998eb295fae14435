package io.sheaf.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidFileTest {
  @TempDir Path directory;
  private final Disk disk = new SystemDisk();
  private Path path = Path.of("");

  @BeforeEach
  void name() {
    path = directory.resolve("run/sheaf.pid");
  }

  private Path holding(String text) throws IOException {
    Files.createDirectories(directory.resolve("run"));
    return Files.writeString(path, text);
  }

  @Test
  void isThereWhileTheProcessIs() throws Exception {
    PidFile file = PidFile.create(disk, path);
    assertThat(path).hasContent("" + ProcessHandle.current().pid());
    file.close();
    assertThat(path.getParent()).isEmptyDirectory();
  }

  @Test
  void thatOfAProcessThatIsGoneIsReplaced() throws Exception {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    holding(gone.pid() + "\n");
    try (PidFile file = PidFile.create(disk, path)) {
      assertThat(file).isNotNull();
      assertThat(path).hasContent("" + ProcessHandle.current().pid());
    }
  }

  @Test
  void thatOfALivingProcessIsRefusedWithItsPid() throws Exception {
    Process alive = new ProcessBuilder("sleep", "60").start();
    try {
      holding(alive.pid() + "\n");
      assertThatThrownBy(() -> PidFile.create(disk, path))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(path + ": process " + alive.pid() + " runs");
      assertThat(path).hasContent("" + alive.pid());
      // Its id was another process's when the file was written.
      Files.setLastModifiedTime(path, FileTime.fromMillis(System.currentTimeMillis() - 60_000));
      PidFile.create(disk, path).close();
    } finally {
      alive.destroyForcibly();
    }
  }

  @Test
  void whatIsNoPidFileIsLeftAlone() throws Exception {
    holding("notes of mine");
    assertThatThrownBy(() -> PidFile.create(disk, path)).hasMessageContaining("is no pid file");
    assertThat(path).hasContent("notes of mine");
  }

  @Test
  void anotherProcesssIsNotRemoved() throws Exception {
    PidFile file = PidFile.create(disk, path);
    holding("1\n");
    file.close();
    assertThat(path).hasContent("1");
  }

  /** As two processes would: this one's locks exclude each other too. */
  @Test
  void ofTwoThatFindAStaleOneBothEndWithAFileThatIsWhole() throws Exception {
    holding("999999999\n");
    CyclicBarrier barrier = new CyclicBarrier(2);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    Callable<PidFile> create =
        () -> {
          barrier.await();
          return PidFile.create(disk, path);
        };
    for (Future<PidFile> made : threads.invokeAll(List.of(create, create))) {
      assertThat(made.get()).isNotNull();
    }
    threads.shutdown();
    assertThat(path).hasContent("" + ProcessHandle.current().pid());
    assertThat(path.getParent()).isDirectoryNotContaining(f -> !f.equals(path));
  }
}
