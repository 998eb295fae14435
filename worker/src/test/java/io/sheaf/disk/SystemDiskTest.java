package io.sheaf.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemDiskTest extends DiskContract {
  @TempDir private Path root;

  private final Disk disk = new SystemDisk();

  @Override
  Disk disk() {
    return disk;
  }

  @Override
  Path root() {
    return root;
  }

  @Test
  void aLockHoldsAgainstAnotherProcessWhateverIsOpenedAndClosedHere() throws IOException {
    Path file = root.resolve("l");
    try (DiskLock lock = disk.tryLock(file).orElseThrow()) {
      disk.openForRead(file).close();
      disk.openForWrite(file).close();
      assertThat(disk.readAll(file)).isEmpty();
      assertThat(disk.tryLock(file)).isEmpty();
      assertThat(new SystemDisk().tryLockExisting(file)).isEmpty();
      lock.ensureValid();
      assertThat(ChildProcess.couldLock(file)).isFalse();
    }
    assertThat(ChildProcess.couldLock(file)).isTrue();
  }

  @Test
  void aLockOfAnotherProcessIsRespectedUntilItDies() throws IOException {
    Path file = Files.createFile(root.resolve("l"));
    try (ChildProcess child = ChildProcess.holding(file)) {
      assertThat(child.isAlive()).isTrue();
      assertThat(disk.tryLock(file)).isEmpty();
      assertThat(disk.tryLockExisting(file)).isEmpty();
    }
    disk.tryLock(file).orElseThrow().close();
  }

  @Test
  void statDoesNotFollowALink() throws IOException {
    Path link = Files.createSymbolicLink(root.resolve("link"), Path.of("nowhere"));
    assertThat(disk.stat(link)).hasValueSatisfying(s -> assertThat(s.isFile()).isFalse());
  }

  @Test
  void anErrorNamesTheFile() throws IOException {
    Path full = Path.of("/dev/full");
    assumeThat(full).exists();
    try (DiskFile file = disk.openForWrite(full)) {
      assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 0))
          .isInstanceOf(IOException.class)
          .hasMessage("/dev/full: No space left on device");
    }
    DiskFile closed = disk.create(root.resolve("a"));
    closed.close();
    assertThatThrownBy(closed::size).hasMessageContaining(closed.path().toString());
    assertThatThrownBy(closed::sync).hasMessageContaining(closed.path().toString());
  }
}
