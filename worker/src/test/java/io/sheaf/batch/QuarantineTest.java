package io.sheaf.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What could not be merged. */
final class QuarantineTest {
  @TempDir Path root;

  @Test
  void keepsEveryFileAlsoUnderOneName() throws IOException {
    Disk disk = new SystemDisk();
    BaseDirectory base = BaseDirectory.create(disk, root);
    Quarantine quarantine = new Quarantine(disk, base);
    Path stray = base.inbox("a.zip").resolve("stray.zip");
    Files.createDirectories(base.inbox("a.zip"));
    for (String contents : new String[] {"one", "two", "three"}) {
      Files.writeString(stray, contents);
      Quarantine.Item item = quarantine.move("a.zip", stray, "it is " + contents);
      assertThat(item.path()).hasContent(contents);
      assertThat(stray).doesNotExist();
    }
    assertThat(quarantine.items())
        .extracting(Quarantine.Item::reason)
        .containsExactlyInAnyOrder("it is one", "it is two", "it is three");
  }
}
