package io.sheaf.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.conf.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthFileTest {
  @TempDir Path directory;

  private Settings settings() {
    return Settings.builder()
        .options(Map.of("health_file", directory.resolve("%(role)s.health").toString()))
        .build();
  }

  @Test
  void saysWhatIsWrongAndIsGoneWithItsProcess() throws Exception {
    Path file =
        Files.writeString(directory.resolve("coordinator.health"), "what was there before\n");
    CountDownLatch asked = new CountDownLatch(2);
    HealthFile health =
        HealthFile.open(
            settings(),
            "coordinator",
            () -> {
              asked.countDown();
              return asked.getCount() == 1 ? "the base\ndirectory is away" : "";
            });
    try (health) {
      health.start();
      while (!Files.readString(file).startsWith("the base")) {
        Thread.onSpinWait();
      }
      assertThat(file).hasContent("the base directory is away\n");
      asked.await(); // The next time it writes.
      while (!Files.readString(file).equals("ok\n")) {
        Thread.onSpinWait();
      }
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void isNotThereUnlessItIsWanted() {
    try (HealthFile health =
        HealthFile.open(Settings.builder().build(), "coordinator", () -> "asked")) {
      health.start();
    }
    assertThat(directory).isEmptyDirectory();
  }
}
