package io.sheaf.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first thing that a newcomer runs, on this module's own sources. */
class DemoIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path directory;

  @Test
  void bindsATreeAndChecksEveryByte() throws Exception {
    Path source = Path.of("src").toAbsolutePath();
    try (Running demo =
        Running.sheaf(directory, "demo", "demo", "--from", source.toString(), "--base", "bound")) {
      demo.endsWith(0, PATIENCE);
      assertThat(demo.out())
          .containsPattern("checked: +([0-9,]+) of \\1 files are in the archives once")
          .contains("unzip -l");
    }
    try (Running verify = Running.sheaf(directory, "verify", "verify", "-r", "bound", "--deep")) {
      verify.endsWith(0, PATIENCE);
    }
  }
}
