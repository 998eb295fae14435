package io.sheaf.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every {@link Disk} does. */
abstract class DiskContract {
  abstract Disk disk();

  /** A directory that exists and is empty. */
  abstract Path root();

  private Path path(String name) {
    return root().resolve(name);
  }

  private void write(String name, String contents) throws IOException {
    try (DiskFile file = disk().create(path(name))) {
      file.write(ByteBuffer.wrap(contents.getBytes(StandardCharsets.UTF_8)), 0);
    }
  }

  private String read(String name) throws IOException {
    return new String(disk().readAll(path(name)), StandardCharsets.UTF_8);
  }

  @Test
  void createRefusesAFileThatIsThere() throws IOException {
    write("a", "first");
    assertThatThrownBy(() -> disk().create(path("a")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(read("a")).isEqualTo("first");
  }

  @Test
  void createRefusesAFileThatIsLockedHere() throws IOException {
    write("a", "first");
    try (DiskLock held = disk().tryLock(path("a")).orElseThrow()) {
      assertThatThrownBy(() -> disk().create(path("a")))
          .isInstanceOf(FileAlreadyExistsException.class);
      held.ensureValid();
    }
  }

  @Test
  void openingWhatIsNotThereFails() {
    assertThatThrownBy(() -> disk().openForRead(path("no")))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> disk().openForWrite(path("no")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void writesAndReadsNameTheirPosition() throws IOException {
    try (DiskFile file = disk().create(path("a"))) {
      file.write(ByteBuffer.wrap(new byte[] {4, 5}), 3);
      file.write(
          new ByteBuffer[] {ByteBuffer.wrap(new byte[] {1, 2}), ByteBuffer.wrap(new byte[] {3})},
          0);
      ByteBuffer all = ByteBuffer.allocate(5);
      file.readFully(all, 0);
      assertThat(all.array()).containsExactly(1, 2, 3, 4, 5);
      assertThat(file.size()).isEqualTo(5);
      assertThat(file.read(ByteBuffer.allocate(1), 5)).isEqualTo(-1);
      assertThatThrownBy(() -> file.readFully(ByteBuffer.allocate(2), 4))
          .isInstanceOf(EOFException.class);
      file.truncate(2);
      assertThat(file.size()).isEqualTo(2);
    }
  }

  @Test
  void renameReplacesTheTarget() throws IOException {
    write("a", "new");
    write("b", "old");
    disk().rename(path("a"), path("b"));
    assertThat(read("b")).isEqualTo("new");
    assertThat(disk().list(root())).containsExactly("b");
  }

  @Test
  void renameOfNothingFails() throws IOException {
    write("b", "old");
    assertThatThrownBy(() -> disk().rename(path("a"), path("b"))).isInstanceOf(IOException.class);
    assertThat(read("b")).isEqualTo("old");
  }

  @Test
  void linkGivesASecondNameAndReplacesNone() throws IOException {
    write("a", "one");
    write("b", "two");
    assertThatThrownBy(() -> disk().link(path("a"), path("b")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(read("b")).isEqualTo("two");
    disk().link(path("a"), path("c"));
    String key = disk().stat(path("a")).orElseThrow().key();
    assertThat(disk().stat(path("c")).orElseThrow().key()).isEqualTo(key);
  }

  @Test
  void listIsSortedAndEmptyForWhatIsNoDirectory() throws IOException {
    write("b", "");
    write("a", "");
    disk().createDirectories(path("c/d"));
    assertThat(disk().list(root())).containsExactly("a", "b", "c");
    assertThat(disk().list(path("a"))).isEmpty();
    assertThat(disk().list(path("no"))).isEmpty();
  }

  @Test
  void createDirectoriesMayBeRepeated() throws IOException {
    disk().createDirectories(path("c/d/e"));
    disk().createDirectories(path("c/d/e"));
    assertThat(disk().stat(path("c/d/e")).orElseThrow().isDirectory()).isTrue();
  }

  @Test
  void deleteSaysWhetherTheFileWasThere() throws IOException {
    write("a", "");
    assertThat(disk().delete(path("a"))).isTrue();
    assertThat(disk().delete(path("a"))).isFalse();
    assertThat(disk().stat(path("a"))).isEmpty();
  }

  @Test
  void onlyAnEmptyDirectoryIsRemoved() throws IOException {
    disk().createDirectories(path("c/d"));
    write("a", "");
    assertThat(disk().deleteEmptyDirectory(path("c"))).isFalse();
    assertThat(disk().deleteEmptyDirectory(path("c/d"))).isTrue();
    assertThat(disk().deleteEmptyDirectory(path("c/d"))).isFalse();
    assertThat(disk().deleteEmptyDirectory(path("a"))).isFalse();
    assertThat(disk().list(root())).containsExactly("a", "c");
  }

  @Test
  void copyToCopiesMoreThanOneBuffer() throws IOException {
    byte[] bytes = new byte[(3 << 20) + 7];
    new Random(1).nextBytes(bytes);
    try (DiskFile from = disk().create(path("a"));
        DiskFile to = disk().create(path("b"))) {
      from.write(ByteBuffer.wrap(bytes), 0);
      from.copyTo(to, 5, 2, bytes.length - 2);
      assertThat(to.size()).isEqualTo(bytes.length + 3);
      ByteBuffer copied = ByteBuffer.allocate(bytes.length - 2);
      to.readFully(copied, 5);
      assertThat(copied.flip()).isEqualTo(ByteBuffer.wrap(bytes, 2, bytes.length - 2));
      assertThatThrownBy(() -> from.copyTo(to, 0, bytes.length - 1, 2))
          .isInstanceOf(EOFException.class);
    }
  }

  @Test
  void aLockIsExclusiveUntilItIsClosed() throws IOException {
    DiskLock first = disk().tryLock(path("l")).orElseThrow();
    first.ensureValid();
    assertThat(disk().tryLock(path("l"))).isEmpty();
    assertThat(disk().tryLockExisting(path("l"))).isEmpty();
    first.close();
    assertThatThrownBy(first::ensureValid).isInstanceOf(IOException.class);
    try (DiskLock second = disk().tryLock(path("l")).orElseThrow()) {
      first.close();
      second.ensureValid();
    }
  }

  @Test
  void tryLockExistingCreatesNothing() throws IOException {
    assertThat(disk().tryLockExisting(path("l"))).isEmpty();
    assertThat(disk().list(root())).isEmpty();
  }

  @Test
  void aLockEndsWhenItsFileIsReplaced() throws IOException {
    try (DiskLock lock = disk().tryLock(path("l")).orElseThrow()) {
      write("m", "");
      disk().rename(path("m"), path("l"));
      assertThatThrownBy(lock::ensureValid).isInstanceOf(IOException.class);
      disk().tryLock(path("l")).orElseThrow().close();
    }
  }

  @Test
  void aLockedFileIsReadAndWrittenUnderItsLock() throws IOException {
    try (DiskLock lock = disk().tryLock(path("l")).orElseThrow()) {
      try (DiskFile file = disk().openForWrite(path("l"))) {
        file.write(ByteBuffer.wrap(new byte[] {1}), 0);
      }
      assertThat(disk().readAll(path("l"))).containsExactly(1);
      lock.ensureValid();
    }
  }

  @Test
  void publicationReplacesAndIfAbsentDoesNot() throws IOException {
    Publication.replace(disk(), path("a"), new byte[] {1});
    Publication.replaceLocked(disk(), path("a"), new byte[] {2});
    assertThat(disk().readAll(path("a"))).containsExactly(2);
    assertThatThrownBy(() -> Publication.ifAbsent(disk(), path("a"), new byte[] {3}))
        .isInstanceOf(FileAlreadyExistsException.class);
    Publication.ifAbsent(disk(), path("b"), new byte[] {4});
    assertThat(disk().list(root())).containsExactly("a", "b");
  }
}
