package io.sheaf.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaseDirectoryTest {
  private final Disk disk = new SystemDisk();
  @TempDir Path directory;

  @Test
  void keepsItsIdentity() throws IOException {
    BaseDirectory first = BaseDirectory.open(disk, directory);
    assertThat(BaseDirectory.open(disk, directory)).isEqualTo(first);
    assertThat(first.id()).hasSize(36);
  }

  @Test
  void isTheSameThroughALink() throws IOException {
    Path real = Files.createDirectory(directory.resolve("real"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), real);
    assertThat(BaseDirectory.open(disk, link)).isEqualTo(BaseDirectory.open(disk, real));
  }

  @Test
  void isNotMadeWhereItsFilesystemMayBeMissing() throws IOException {
    Path missing = directory.resolve("a/b");
    assertThatThrownBy(() -> BaseDirectory.open(disk, missing))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is no base directory " + missing)
        .hasMessageContaining("mount");
    assertThat(directory.resolve("a")).doesNotExist();
    assertThat(BaseDirectory.create(disk, missing).root()).isEqualTo(missing.toRealPath());
  }

  @Test
  void isNoFile() throws IOException {
    Path file = Files.writeString(directory.resolve("f"), "");
    assertThatThrownBy(() -> BaseDirectory.create(disk, file))
        .hasMessageContaining("is no directory");
  }
}
